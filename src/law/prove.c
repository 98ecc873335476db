#include "law/prove.h"
