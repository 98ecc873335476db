#include "law/reader.h"
