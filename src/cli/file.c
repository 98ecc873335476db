#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>

#include "cli/embedded.h"

fz_status fz_cli_read_file(struct fz_arena *a, const char *name, size_t bytes_max, fz_str *out, struct fz_error *err)
{
    struct fz_buf b = {0};
    char part[8192];
    size_t n;
    FILE *f = fopen(name, "rb");

    if (!f)
        return fz_fail(err, FZ_E_INPUT, "%s: %s", name, strerror(errno));
    while ((n = fread(part, 1, sizeof(part), f)) > 0 && b.n <= bytes_max)
        fz_buf_add(&b, (fz_str){part, n});
    if (ferror(f)) {
        fclose(f);
        fz_buf_release(&b);
        return fz_fail(err, FZ_E_IO, "%s: %s", name, strerror(errno));
    }
    fclose(f);
    if (b.n > bytes_max) {
        fz_buf_release(&b);
        return fz_fail(err, FZ_E_TOO_LARGE, "%s: larger than %zu bytes", name, bytes_max);
    }
    *out = fz_str_copy(a, fz_buf_str(&b));
    fz_buf_release(&b);
    return FZ_OK;
}
