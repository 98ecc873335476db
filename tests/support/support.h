/* What every unit test includes: cmocka with the headers that it asks for. */
#ifndef FZ_TESTS_SUPPORT_H
#define FZ_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

#endif
