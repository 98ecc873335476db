#include "law/term.h"
