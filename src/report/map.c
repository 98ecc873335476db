#include "report/review.h"
