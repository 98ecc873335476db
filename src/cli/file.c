#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

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

static bool write_all(int fd, fz_str text)
{
    while (text.n) {
        ssize_t n = write(fd, text.p, text.n);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text = (fz_str){text.p + n, text.n - (size_t)n};
    }
    return fsync(fd) == 0;
}

/* A new name is durable once its folder is. */
static bool sync_folder_of(struct fz_arena *a, const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *folder = !slash ? "." : slash == name ? "/" : fz_str_z(a, (fz_str){name, (size_t)(slash - name)});
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return ok;
}

fz_status fz_cli_sync_folder_of(const char *name, struct fz_error *err)
{
    struct fz_arena a;
    fz_status s = FZ_OK;

    fz_arena_init(&a);
    if (!sync_folder_of(&a, name))
        s = fz_fail(err, FZ_E_IO, "%s: its folder cannot be synced: %s", name, strerror(errno));
    fz_arena_release(&a);
    return s;
}

fz_status fz_cli_replace_file(const char *name, fz_str text, struct fz_error *err)
{
    struct fz_arena a;
    const char *part;
    fz_status s = FZ_OK;
    bool ok;
    int fd;

    fz_arena_init(&a);
    part = fz_str_printf(&a, "%s.%ld.part", name, (long)getpid()).p;
    fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    ok = fd >= 0 && write_all(fd, text);
    ok = fd >= 0 && close(fd) == 0 && ok;
    if (!ok || rename(part, name) != 0 || !sync_folder_of(&a, name))
        s = fz_fail(err, errno == ENOSPC ? FZ_E_FULL : FZ_E_IO, "%s: %s", name, strerror(errno));
    if (s != FZ_OK && fd >= 0)
        unlink(part);
    fz_arena_release(&a);
    return s;
}

fz_status fz_cli_result(struct fz_cli *cli, const char *name, fz_str text)
{
    if (name)
        return fz_cli_replace_file(name, text, &cli->err);
    fz_buf_add(cli->out, text);
    return FZ_OK;
}

void fz_cli_say_problems(const struct fz_cli *cli, struct fz_diags *diags)
{
    struct fz_buf text = {0};

    fz_diags_print(diags, cli->lang, &text);
    fwrite(text.p ? text.p : "", 1, text.n, stderr);
    fz_buf_release(&text);
    fz_diags_init(diags, diags->arena);
}
