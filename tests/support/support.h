/* What every unit test includes: cmocka with the headers that it asks for. */
#ifndef FZ_TESTS_SUPPORT_H
#define FZ_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/day.h"

/* "2026-02-14" */
static inline fz_day day(const char *s)
{
    fz_day d = FZ_DAY_NONE;

    assert_true(fz_day_parse(fz_str_of(s), &d));
    return d;
}

#endif
