#include "law/case.h"
