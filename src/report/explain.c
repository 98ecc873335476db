#include "report/explain.h"
