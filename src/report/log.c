#include "report/log.h"
