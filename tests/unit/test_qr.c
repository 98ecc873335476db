#include "../support/support.h"

#include <stdio.h>
#include <stdlib.h>

#include "report/qr.h"

#define SIDE_MAX 200

static struct fz_buf svg;
static struct fz_error err;
static bool modules[SIDE_MAX][SIDE_MAX];
static int side;

/* Draws the path back into modules; overlapping or outside rectangles are a failure. */
static void draw(fz_str text)
{
    const char *p;

    fz_buf_reset(&svg);
    assert_int_equal(fz_qr_svg(&svg, text, FZ_STR("回执 <\"1\">"), &err), FZ_OK);
    memset(modules, 0, sizeof(modules));
    p = strstr(svg.p, "viewBox=\"0 0 ");
    assert_int_equal(sscanf(p, "viewBox=\"0 0 %d", &side), 1);
    assert_true(side >= 21 + 8 && side <= 177 + 8 && (side - 8) % 4 == 1);
    p = strstr(svg.p, "<path d=\"") + 9;
    for (int x, y, w, back, n; *p != '"'; p += n) {
        assert_int_equal(sscanf(p, "M%d %dh%dv1h-%dz%n", &x, &y, &w, &back, &n), 4);
        assert_true(w == back && x >= 4 && y >= 4 && x + w <= side - 4 && y < side - 4);
        for (int i = 0; i < w; i++) {
            assert_false(modules[y][x + i]);
            modules[y][x + i] = true;
        }
    }
}

/* ISO/IEC 18004 6.3.3: dark 7 x 7, light 5 x 5, dark 3 x 3, and a light border inside the symbol. */
static void check_finder(int left, int top)
{
    for (int y = -1; y <= 7; y++)
        for (int x = -1; x <= 7; x++) {
            int dx = abs(x - 3), dy = abs(y - 3), ring = dx > dy ? dx : dy;

            assert_int_equal(modules[top + y][left + x], ring == 3 || ring <= 1);
        }
}

static void check_form(void)
{
    check_finder(4, 4);
    check_finder(side - 4 - 7, 4);
    check_finder(4, side - 4 - 7);
    for (int i = 8; i < side - 8 - 8; i++) { /* 6.3.5: timing */
        assert_int_equal(modules[4 + 6][4 + i], i % 2 == 0);
        assert_int_equal(modules[4 + i][4 + 6], i % 2 == 0);
    }
    assert_true(modules[side - 4 - 8][4 + 8]); /* 8.9: the module that is always dark */
}

static void test_qr__has_the_form_of_one(void **state)
{
    char text[4000];

    (void)state;
    for (size_t n = 1; n < sizeof(text); n = n * 2 + 1) {
        for (size_t i = 0; i < n; i++)
            text[i] = "FZ1: $%*+-./0189AZ"[i * 7 % 18];
        draw((fz_str){text, n});
        check_form();
    }
    draw(FZ_STR("法治 lower case"));
    check_form();
}

static void test_qr__label_is_escaped(void **state)
{
    (void)state;
    draw(FZ_STR("X"));
    assert_non_null(strstr(svg.p, "aria-label=\"回执 &lt;&quot;1&quot;&gt;\""));
}

static void test_qr__holds_as_much_as_the_standard_says(void **state)
{
    static char text[4297];

    (void)state;
    memset(text, 'A', sizeof(text));
    draw((fz_str){text, FZ_QR_CHARS_MAX});
    assert_int_equal(side, 177 + 8);
    fz_buf_reset(&svg);
    assert_int_equal(fz_qr_svg(&svg, (fz_str){text, FZ_QR_CHARS_MAX + 1}, (fz_str){0}, &err), FZ_E_TOO_LARGE);
    memset(text, 'a', sizeof(text)); /* bytes: 2953 */
    draw((fz_str){text, 2953});
    fz_buf_reset(&svg);
    assert_int_equal(fz_qr_svg(&svg, (fz_str){text, 2954}, (fz_str){0}, &err), FZ_E_TOO_LARGE);
    assert_int_equal(svg.n, 0);
    assert_int_equal(fz_qr_svg(&svg, (fz_str){0}, (fz_str){0}, &err), FZ_E_INPUT);
    assert_int_equal(fz_qr_svg(&svg, (fz_str){"a\0b", 3}, (fz_str){0}, &err), FZ_E_INPUT);
    fz_buf_release(&svg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_qr__has_the_form_of_one),
        cmocka_unit_test(test_qr__label_is_escaped),
        cmocka_unit_test(test_qr__holds_as_much_as_the_standard_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
