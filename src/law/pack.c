#include "law/pack.h"
