#include "law/value.h"
