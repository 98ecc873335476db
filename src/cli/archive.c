#include "cli/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

#define BLOCK 512
#define CHUNK (1u << 20)
#define MANIFEST "MANIFEST"
#define MANIFEST_BYTES_MAX (4u << 20)
#define FIRST_LINE "fazhi backup 2"
#define FIRST_LINE_OF_1 "fazhi backup 1"
#define NAME_BYTES_MAX 99

/* ---- what is to go in ---- */

static fz_hash digest_of(const struct fz_archive *a, fz_str text)
{
    return fz_hash_of((fz_hasher){a->crypto, FZ_SM3}, &text, 1);
}

void fz_archive_add_text(struct fz_archive *a, const char *name, fz_str text)
{
    FZ_PUSH(a->arena, a, items, n, cap) = (struct fz_archive_file){
        .name = fz_str_copy(a->arena, fz_str_of(name)), .text = text, .bytes = text.n, .digest = digest_of(a, text)};
}

static fz_status system_fails(const char *path, struct fz_error *err)
{
    return fz_fail(err, errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? FZ_E_FULL : FZ_E_IO, "%s: %s", path,
                   strerror(errno));
}

static char *room_of(struct fz_archive *a)
{
    if (!a->room)
        a->room = fz_alloc_array(a->arena, CHUNK, 1);
    return a->room;
}

/* Digests what is left of a stream. */
static fz_status digest_stream(FILE *from, const char *path, struct fz_digest *d, uint64_t *out_bytes, char *room,
                               struct fz_error *err)
{
    size_t n;

    *out_bytes = 0;
    while ((n = fread(room, 1, CHUNK, from)) > 0) {
        fz_digest_add(d, (fz_str){room, n});
        *out_bytes += n;
    }
    return ferror(from) ? system_fails(path, err) : FZ_OK;
}

fz_status fz_archive_add(struct fz_archive *a, const char *name, const char *path, bool optional, struct fz_error *err)
{
    struct fz_archive_file f = {.name = fz_str_copy(a->arena, fz_str_of(name)),
                                .path = fz_str_z(a->arena, fz_str_of(path))};
    FILE *from = fopen(path, "rb");
    struct fz_digest *d;
    fz_status s;

    if (!from && errno == ENOENT && optional)
        return FZ_OK;
    if (!from)
        return system_fails(path, err);
    if (f.name.n > NAME_BYTES_MAX) {
        fclose(from);
        return fz_fail(err, FZ_E_TOO_LARGE, "%s: its name is longer than %d bytes", path, NAME_BYTES_MAX);
    }
    d = fz_digest_new((fz_hasher){a->crypto, FZ_SM3});
    s = digest_stream(from, path, d, &f.bytes, room_of(a), err);
    f.digest = fz_digest_end(d);
    fz_digest_free(d);
    fclose(from);
    if (s == FZ_OK)
        FZ_PUSH(a->arena, a, items, n, cap) = f;
    return s;
}

/* ---- writing ---- */

static fz_str manifest_of(const struct fz_archive *a)
{
    struct fz_buf out = {0};
    char hex[FZ_HASH_HEX];
    fz_hash all;
    fz_str s;

    fz_buf_printf(&out,
                  FIRST_LINE "\njurisdiction %.*s\nhash %s\nmade %lld\nfrom %.*s\nsize %lld\nroot %.*s\nkeys %s\ntables %s\n",
                  FZ_STR_ARG(a->jurisdiction), fz_hash_kind_id(a->hash), (long long)a->made_ms, FZ_STR_ARG(a->from),
                  (long long)a->size, FZ_STR_ARG(a->root), a->keys ? "yes" : "no", a->tables ? "yes" : "no");
    for (size_t i = 0; i < a->n; i++)
        fz_buf_printf(&out, "file %llu %s %.*s\n", (unsigned long long)a->items[i].bytes,
                      fz_hash_hex(&a->items[i].digest, hex), FZ_STR_ARG(a->items[i].name));
    all = digest_of(a, fz_buf_str(&out));
    fz_buf_printf(&out, "end %s\n", fz_hash_hex(&all, hex));
    s = fz_str_copy(a->arena, fz_buf_str(&out));
    fz_buf_release(&out);
    return s;
}

/* A header of ustar. Sizes past 8 GiB are binary, as GNU tar and others read them. */
static void fill_header(unsigned char block[BLOCK], fz_str name, uint64_t bytes, int64_t made_ms)
{
    unsigned sum = 0;
    char *b = (char *)block;

    memset(block, 0, BLOCK);
    memcpy(b, name.p, name.n);
    memcpy(b + 100, "0000600", 8);
    memcpy(b + 108, "0000000", 8);
    memcpy(b + 116, "0000000", 8);
    snprintf(b + 124, 12, "%011llo", (unsigned long long)(bytes & UINT64_C(077777777777)));
    if (bytes > UINT64_C(077777777777)) {
        memset(b + 124, 0, 12);
        block[124] = 0x80;
        for (int i = 0; i < 8; i++)
            block[135 - i] = (unsigned char)(bytes >> (8 * i));
    }
    snprintf(b + 136, 12, "%011llo", (unsigned long long)(made_ms / 1000) & UINT64_C(077777777777));
    memset(b + 148, ' ', 8);
    b[156] = '0';
    memcpy(b + 257, "ustar", 6);
    memcpy(b + 263, "00", 2);
    for (int i = 0; i < BLOCK; i++)
        sum += block[i];
    snprintf(b + 148, 8, "%06o", sum);
    b[155] = ' ';
}

static bool put(FILE *out, fz_str bytes)
{
    return fwrite(bytes.p, 1, bytes.n, out) == bytes.n;
}

static bool put_padding(FILE *out, uint64_t bytes)
{
    static const char zeros[BLOCK];

    return put(out, (fz_str){zeros, (size_t)((BLOCK - bytes % BLOCK) % BLOCK)});
}

static fz_status copy_file(FILE *out, const struct fz_archive_file *f, char *room, struct fz_error *err)
{
    FILE *from = fopen(f->path, "rb");
    uint64_t left = f->bytes;
    size_t n = 1;
    bool ok = true;

    if (!from)
        return system_fails(f->path, err);
    while (left && ok && (n = fread(room, 1, left < CHUNK ? (size_t)left : CHUNK, from)) > 0) {
        ok = put(out, (fz_str){room, n});
        left -= n;
    }
    fclose(from);
    if (!ok)
        return FZ_E_IO; /* said by the caller, of the archive */
    return left ? fz_fail(err, FZ_E_IO, "%s: it has become shorter meanwhile", f->path) : FZ_OK;
}

static fz_status put_member(FILE *out, const char *path, const struct fz_archive_file *f, int64_t made_ms, char *room,
                            struct fz_error *err)
{
    unsigned char block[BLOCK];
    fz_status s = FZ_OK;

    fill_header(block, f->name, f->bytes, made_ms);
    if (!put(out, (fz_str){(const char *)block, BLOCK}))
        return system_fails(path, err);
    if (f->path)
        s = copy_file(out, f, room, err);
    else if (!put(out, f->text))
        return system_fails(path, err);
    if (s == FZ_E_IO && ferror(out))
        return system_fails(path, err);
    FZ_TRY(s);
    return put_padding(out, f->bytes) ? FZ_OK : system_fails(path, err);
}

static fz_status put_all(struct fz_archive *a, FILE *out, const char *path, struct fz_error *err)
{
    static const char end[2 * BLOCK];
    fz_str manifest = manifest_of(a);
    struct fz_archive_file first = {.name = FZ_STR(MANIFEST), .text = manifest, .bytes = manifest.n};
    char *room = room_of(a);

    FZ_TRY(put_member(out, path, &first, a->made_ms, room, err));
    for (size_t i = 0; i < a->n; i++)
        FZ_TRY(put_member(out, path, &a->items[i], a->made_ms, room, err));
    return put(out, (fz_str){end, sizeof(end)}) && fflush(out) == 0 && fsync(fileno(out)) == 0
               ? FZ_OK
               : system_fails(path, err);
}

static fz_status there_already(const char *path, struct fz_error *err)
{
    return fz_fail(err, FZ_E_EXISTS, "%s: there is a file already; a backup replaces none", path);
}

/* Only under its own name when nothing stands there: not even one that came meanwhile is replaced, where the file system can say so. */
static fz_status give_name(const char *part, const char *path, struct fz_error *err)
{
    int rc = renameat2(AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE);

    if (rc != 0 && (errno == EINVAL || errno == ENOSYS)) {
        if (access(path, F_OK) == 0)
            return there_already(path, err);
        rc = rename(part, path);
    }
    if (rc != 0)
        return errno == EEXIST ? there_already(path, err) : system_fails(path, err);
    return fz_cli_sync_folder_of(path, err);
}

fz_status fz_archive_write(struct fz_archive *a, const char *path, struct fz_error *err)
{
    char *part = fz_str_z(a->arena, fz_str_printf(a->arena, "%s.%ld.part", path, (long)getpid()));
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "wb");
    fz_status s;

    if (!out)
        return system_fails(part, err);
    s = put_all(a, out, path, err);
    if (fclose(out) != 0 && s == FZ_OK)
        s = system_fails(path, err);
    if (s == FZ_OK)
        s = give_name(part, path, err);
    if (s != FZ_OK)
        unlink(part);
    return s;
}

/* ---- reading ---- */

struct reading {
    struct fz_archive *a;
    FILE *in;
    const char *path, *folder;
    char *room;
    struct fz_error *err;
};

static fz_status broken(struct reading *r, const char *fmt, ...) FZ_PRINTF(2, 3);
static fz_status broken(struct reading *r, const char *fmt, ...)
{
    struct fz_buf text = {0};
    va_list ap;
    fz_status s;

    va_start(ap, fmt);
    fz_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    s = fz_fail(r->err, FZ_E_INPUT, "%s: this is no whole backup: %.*s", r->path, FZ_STR_ARG(fz_buf_str(&text)));
    fz_buf_release(&text);
    return s;
}

/* The next header has to be that of the file which the manifest says comes now. */
static fz_status take_header(struct reading *r, fz_str name, uint64_t *out_bytes)
{
    unsigned char block[BLOCK], want[BLOCK];
    uint64_t bytes = 0;
    unsigned long long made;

    if (fread(block, 1, BLOCK, r->in) != BLOCK)
        return broken(r, "it ends before `%.*s`", FZ_STR_ARG(name));
    if (memcmp(block + 257, "ustar", 6) != 0 || memchr(block, 0, 100) == NULL ||
        !fz_str_eq(fz_str_of((const char *)block), name))
        return broken(r, "where `%.*s` should begin stands something else", FZ_STR_ARG(name));
    if (block[124] & 0x80) {
        for (int i = 128; i < 136; i++)
            bytes = bytes << 8 | block[i];
    } else {
        for (int i = 124; i < 135; i++)
            bytes = bytes << 3 | (block[i] & 7);
    }
    if (sscanf((const char *)block + 136, "%11llo", &made) != 1)
        return broken(r, "the header of `%.*s` is damaged", FZ_STR_ARG(name));
    fill_header(want, name, bytes, (int64_t)made * 1000);
    if (memcmp(block, want, BLOCK) != 0)
        return broken(r, "the header of `%.*s` is damaged", FZ_STR_ARG(name));
    *out_bytes = bytes;
    return FZ_OK;
}

static fz_status take_padding(struct reading *r, uint64_t bytes, fz_str name)
{
    char pad[BLOCK];
    size_t n = (size_t)((BLOCK - bytes % BLOCK) % BLOCK);

    if (fread(pad, 1, n, r->in) != n)
        return broken(r, "it ends within `%.*s`", FZ_STR_ARG(name));
    for (size_t i = 0; i < n; i++)
        if (pad[i])
            return broken(r, "there are bytes behind the end of `%.*s`", FZ_STR_ARG(name));
    return FZ_OK;
}

static fz_str take_line(fz_str *rest)
{
    const char *nl = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
    fz_str line = {rest->p, nl ? (size_t)(nl - rest->p) : rest->n};

    rest->p += line.n + (nl != NULL);
    rest->n -= line.n + (nl != NULL);
    return line;
}

/* The rest of a line that begins with that word. */
static bool take_value(fz_str *rest, const char *word, fz_str *out)
{
    fz_str line = take_line(rest);
    size_t n = strlen(word);

    if (!fz_str_starts(line, word) || line.n < n + 1 || line.p[n] != ' ')
        return false;
    *out = (fz_str){line.p + n + 1, line.n - n - 1};
    return true;
}

/* Within the folder, and nowhere else. */
static bool is_safe(fz_str name)
{
    if (name.n == 0 || name.n > NAME_BYTES_MAX || name.p[0] == '/' || memchr(name.p, 0, name.n))
        return false;
    while (name.n) {
        const char *slash = memchr(name.p, '/', name.n);
        fz_str part = {name.p, slash ? (size_t)(slash - name.p) : name.n};

        if (part.n == 0 || part.p[0] == '.')
            return false;
        name.p += part.n + (slash != NULL);
        name.n -= part.n + (slash != NULL);
    }
    return true;
}

static fz_status read_file_line(struct reading *r, fz_str value)
{
    struct fz_archive_file f = {.path = NULL};
    const char *first = value.n ? memchr(value.p, ' ', value.n) : NULL,
               *second = first ? memchr(first + 1, ' ', value.n - (size_t)(first + 1 - value.p)) : NULL;
    int64_t bytes;

    if (!second || !fz_str_int((fz_str){value.p, (size_t)(first - value.p)}, &bytes) || bytes < 0 ||
        !fz_hash_parse((fz_str){first + 1, (size_t)(second - first) - 1}, &f.digest))
        return broken(r, "a line of its manifest cannot be read");
    f.name = (fz_str){second + 1, value.n - (size_t)(second + 1 - value.p)};
    f.bytes = (uint64_t)bytes;
    if (!is_safe(f.name))
        return broken(r, "`%.*s` is no name for a file of a folder", FZ_STR_ARG(f.name));
    FZ_PUSH(r->a->arena, r->a, items, n, cap) = f;
    return FZ_OK;
}

static fz_status read_manifest(struct reading *r, fz_str text)
{
    struct fz_archive *a = r->a;
    const char *end = text.n > 1 ? memrchr(text.p, '\n', text.n - 1) : NULL;
    fz_str rest = text, last = end ? (fz_str){end + 1, text.n - (size_t)(end + 1 - text.p)} : (fz_str){0}, hex, made,
           size, hash, keys, tables = FZ_STR("yes"), value, first = take_line(&rest);
    fz_hash want, is = digest_of(a, (fz_str){text.p, end ? (size_t)(end + 1 - text.p) : 0});

    if (!fz_str_is(first, FIRST_LINE) && !fz_str_is(first, FIRST_LINE_OF_1))
        return broken(r, "its manifest is of no version that this one knows");
    if (!take_value(&last, "end", &hex) || !fz_hash_parse(hex, &want) || !fz_hash_eq(&want, &is))
        return broken(r, "its manifest was changed or cut");
    if (!take_value(&rest, "jurisdiction", &a->jurisdiction) || !take_value(&rest, "hash", &hash) ||
        !fz_hash_kind_of(hash, &a->hash) || !take_value(&rest, "made", &made) || !fz_str_int(made, &a->made_ms) ||
        !take_value(&rest, "from", &a->from) || !take_value(&rest, "size", &size) || !fz_str_int(size, &a->size) ||
        !take_value(&rest, "root", &a->root) || !take_value(&rest, "keys", &keys) ||
        (fz_str_is(first, FIRST_LINE) && !take_value(&rest, "tables", &tables)))
        return broken(r, "its manifest cannot be read");
    a->keys = fz_str_is(keys, "yes");
    a->tables = fz_str_is(tables, "yes");
    while (rest.n && !fz_str_starts(rest, "end ")) {
        if (!take_value(&rest, "file", &value))
            return broken(r, "its manifest cannot be read");
        FZ_TRY(read_file_line(r, value));
    }
    return FZ_OK;
}

static fz_status take_manifest(struct reading *r)
{
    uint64_t bytes;
    char *text;

    FZ_TRY(take_header(r, FZ_STR(MANIFEST), &bytes));
    if (bytes > MANIFEST_BYTES_MAX)
        return broken(r, "its manifest is larger than %u bytes", MANIFEST_BYTES_MAX);
    text = fz_alloc_array(r->a->arena, (size_t)bytes + 1, 1);
    if (fread(text, 1, (size_t)bytes, r->in) != bytes)
        return broken(r, "it ends within its manifest");
    FZ_TRY(take_padding(r, bytes, FZ_STR(MANIFEST)));
    return read_manifest(r, (fz_str){text, (size_t)bytes});
}

static fz_status make_folders(struct reading *r, char *path)
{
    for (char *slash = path + strlen(r->folder) + 1; (slash = strchr(slash, '/')) != NULL; *slash++ = '/') {
        *slash = 0;
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return system_fails(path, r->err);
    }
    return FZ_OK;
}

static fz_status pour(struct reading *r, const struct fz_archive_file *f, FILE *out, const char *path,
                      struct fz_digest *d)
{
    uint64_t left = f->bytes;

    while (left) {
        size_t n = fread(r->room, 1, left < CHUNK ? (size_t)left : CHUNK, r->in);

        if (n == 0)
            return broken(r, "it ends within `%.*s`", FZ_STR_ARG(f->name));
        fz_digest_add(d, (fz_str){r->room, n});
        if (!put(out, (fz_str){r->room, n}))
            return system_fails(path, r->err);
        left -= n;
    }
    return fflush(out) == 0 && fsync(fileno(out)) == 0 ? FZ_OK : system_fails(path, r->err);
}

static fz_status take_file(struct reading *r, const struct fz_archive_file *f)
{
    char *path = fz_str_z(r->a->arena, fz_str_printf(r->a->arena, "%s/%.*s", r->folder, FZ_STR_ARG(f->name)));
    struct fz_digest *d;
    uint64_t bytes;
    fz_hash is;
    fz_status s;
    FILE *out;
    int fd;

    FZ_TRY(take_header(r, f->name, &bytes));
    if (bytes != f->bytes)
        return broken(r, "`%.*s` has %llu bytes, and its manifest says %llu", FZ_STR_ARG(f->name),
                      (unsigned long long)bytes, (unsigned long long)f->bytes);
    FZ_TRY(make_folders(r, path));
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    out = fd < 0 ? NULL : fdopen(fd, "wb");
    if (!out)
        return system_fails(path, r->err);
    d = fz_digest_new((fz_hasher){r->a->crypto, FZ_SM3});
    s = pour(r, f, out, path, d);
    is = fz_digest_end(d);
    fz_digest_free(d);
    if (fclose(out) != 0 && s == FZ_OK)
        s = system_fails(path, r->err);
    FZ_TRY(s);
    if (!fz_hash_eq(&is, &f->digest))
        return broken(r, "`%.*s` was changed: its digest is not that of the manifest", FZ_STR_ARG(f->name));
    return take_padding(r, bytes, f->name);
}

static fz_status take_end(struct reading *r)
{
    char end[2 * BLOCK + 1];
    size_t n = fread(end, 1, sizeof(end), r->in);

    for (size_t i = 0; i < n; i++)
        if (end[i])
            return broken(r, "something stands behind its last file");
    return n == 2 * BLOCK ? FZ_OK : broken(r, n < 2 * BLOCK ? "its end is missing" : "something stands behind its end");
}

static fz_status take_all(struct reading *r)
{
    FZ_TRY(take_manifest(r));
    for (size_t i = 0; i < r->a->n; i++)
        FZ_TRY(take_file(r, &r->a->items[i]));
    return take_end(r);
}

fz_status fz_archive_extract(struct fz_archive *a, const char *path, const char *folder, struct fz_error *err)
{
    struct reading r = {
        .a = a, .in = fopen(path, "rb"), .path = path, .folder = folder, .room = room_of(a), .err = err};
    fz_status s;

    if (!r.in)
        return fz_fail(err, FZ_E_INPUT, "%s: %s", path, strerror(errno));
    s = take_all(&r);
    fclose(r.in);
    return s;
}
