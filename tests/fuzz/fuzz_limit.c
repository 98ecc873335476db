/* A calendar and a limit of any bytes: the first line is the limit with its days, the rest the calendar. What is accepted must
 * explain itself, which counts every day again and asserts. */
#include "law/limit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fz_str text = {(const char *)data, size};
    const char *nl = size ? memchr(data, '\n', size) : NULL;
    struct fz_calendar *cal = NULL;
    struct fz_limit l = {0};
    struct fz_buf out = {0};
    struct fz_error err;
    fz_gap gap;
    fz_str head;

    if (!nl)
        return 0;
    head = (fz_str){text.p, (size_t)(nl - text.p)};
    text = (fz_str){nl + 1, size - head.n - 1};
    if (head.n < 34 || !fz_day_parse((fz_str){head.p, 10}, &l.from) ||
        !fz_day_parse((fz_str){head.p + 11, 10}, &gap.first) || !fz_day_parse((fz_str){head.p + 22, 10}, &gap.last) ||
        !fz_length_parse((fz_str){head.p + 33, head.n - 33}, &l.length))
        return 0;
    if (l.length.n > 2000)
        return 0;
    l.gaps = &gap;
    l.gaps_n = gap.last >= gap.first && gap.last - gap.first < 2000;
    if (fz_calendar_read(&cal, NULL, "fuzz", text, &err) != FZ_OK)
        cal = NULL;
    if (fz_limit_explain(cal, &l, data[0] & 1, &out, &err) == FZ_OK && out.n == 0)
        __builtin_trap();
    fz_buf_release(&out);
    fz_calendar_free(cal);
    return 0;
}
