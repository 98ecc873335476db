/*
 * Three layers, each asking the one below for bytes:
 *
 *     raw     what is in the file (or memory): `raw` is a view of bytes not yet used, raw_fill() renews it
 *     plain   unpacked bytes: plain_read() hands raw bytes on, inflates them or asks libzip
 *     stage   up to 64 KiB of plain bytes; the decoder takes from its front
 *
 * The stage is filled up before every decoding that finds fewer than four bytes in it. A character has at most four
 * bytes in each encoding, so a decoder that makes nothing of four bytes, or of the last ones, has met malformed ones.
 */
#include "io/input.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>
#include <zlib.h>

#define STAGE_BYTES (64u << 10)
#define RATIO_FREE_BYTES (1u << 20) /* so little may be packed at any ratio */
#define CHARACTER_BYTES_MAX 4
#define MAGIC_BYTES 4

enum packing { PACKING_NONE, PACKING_GZIP, PACKING_ZIP };

struct fz_input {
    char *name;
    int fd;     /* -1 when reading memory */
    fz_str raw; /* not yet used */
    bool raw_end;
    uint64_t raw_used; /* bytes that raw_fill() has delivered */

    enum packing packing;
    z_stream z;
    bool z_open, z_between; /* between: a member has ended, no other has begun */
    zip_t *zip;
    zip_file_t *member;
    uint64_t packed_bytes;   /* zip: packed size of the member */
    uint64_t unpacked_bytes; /* zip: its plain size, as the zip says */
    uint64_t plain_bytes;    /* delivered by plain_read() */
    bool plain_end;

    const char *encoding;
    iconv_t cd; /* (iconv_t)-1 for UTF-8 */
    size_t at, n;
    uint64_t stage_offset; /* of stage[0] in the unpacked file */
    char stage[STAGE_BYTES];
    char raw_bytes[STAGE_BYTES];
};

/* ---- raw ---- */

/* Renews an empty `raw`, with enough bytes to know a packing by; leaves it empty at the end. */
static fz_status raw_fill(struct fz_input *in, struct fz_error *err)
{
    size_t n = 0;

    if (in->raw.n)
        return FZ_OK;
    while (n < MAGIC_BYTES && !in->raw_end) {
        ssize_t got = read(in->fd, in->raw_bytes + n, sizeof(in->raw_bytes) - n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fz_fail(err, FZ_E_IO, "%s: cannot read: %s", in->name, strerror(errno));
        n += (size_t)got;
        in->raw_end = got == 0;
    }
    if (n)
        in->raw = (fz_str){in->raw_bytes, n};
    in->raw_used += n;
    return FZ_OK;
}

/* ---- plain ---- */

static fz_status unpacking_allowed(const struct fz_input *in, uint64_t plain, uint64_t packed, struct fz_error *err)
{
    if (plain > FZ_UNZIPPED_BYTES_MAX)
        return fz_fail(err, FZ_E_TOO_LARGE, "%s: unpacks to more than %llu bytes", in->name, FZ_UNZIPPED_BYTES_MAX);
    if (plain > RATIO_FREE_BYTES && plain / FZ_UNZIP_RATIO_MAX >= packed)
        return fz_fail(err, FZ_E_TOO_LARGE, "%s: unpacks to more than %d times its size", in->name, FZ_UNZIP_RATIO_MAX);
    return FZ_OK;
}

/* Asked while unpacking as well, for the sizes that a zip declares need not be true. */
static fz_status plain_count(struct fz_input *in, size_t n, struct fz_error *err)
{
    in->plain_bytes += n;
    if (in->packing == PACKING_NONE)
        return FZ_OK;
    return unpacking_allowed(in, in->plain_bytes,
                             in->packing == PACKING_ZIP ? in->packed_bytes : in->raw_used - in->raw.n, err);
}

static fz_status plain_read_file(struct fz_input *in, char *buf, size_t cap, size_t *out_n, struct fz_error *err)
{
    FZ_TRY(raw_fill(in, err));
    *out_n = in->raw.n < cap ? in->raw.n : cap;
    if (*out_n)
        memcpy(buf, in->raw.p, *out_n);
    in->raw.p += *out_n;
    in->raw.n -= *out_n;
    in->plain_end = *out_n == 0;
    return FZ_OK;
}

/* A gzip file is one or more members; NUL bytes behind the last are what a tape leaves. */
static fz_status gzip_between(struct fz_input *in, struct fz_error *err)
{
    for (;;) {
        FZ_TRY(raw_fill(in, err));
        if (in->raw.n == 0) {
            in->plain_end = true;
            return FZ_OK;
        }
        if (in->raw.p[0] != '\0')
            break;
        in->raw.p++;
        in->raw.n--;
    }
    if (in->raw.p[0] != '\x1f')
        return fz_fail(err, FZ_E_INPUT, "%s: other bytes stand behind the end of the gzip data", in->name);
    inflateReset(&in->z);
    in->z_between = false;
    return FZ_OK;
}

/* One call of inflate(). It may use bytes and deliver none. */
static fz_status gzip_step(struct fz_input *in, char *buf, size_t cap, size_t *out_n, struct fz_error *err)
{
    int rc;

    FZ_TRY(raw_fill(in, err));
    if (in->raw.n == 0)
        return fz_fail(err, FZ_E_INPUT, "%s: torn gzip file: the data ends before its end mark", in->name);
    /* Memory may be larger than zlib's counter; what does not fit is offered again. */
    in->z.next_in = (Bytef *)(uintptr_t)in->raw.p;
    in->z.avail_in = in->raw.n < STAGE_BYTES ? (uInt)in->raw.n : STAGE_BYTES;
    in->z.next_out = (Bytef *)buf;
    in->z.avail_out = (uInt)cap;
    rc = inflate(&in->z, Z_NO_FLUSH);
    in->raw.n -= (size_t)((const char *)in->z.next_in - in->raw.p);
    in->raw.p = (const char *)in->z.next_in;
    if (rc == Z_MEM_ERROR)
        return fz_fail(err, FZ_E_NOMEM, "%s: memory ran out", in->name);
    if (rc != Z_OK && rc != Z_STREAM_END)
        return fz_fail(err, FZ_E_INPUT, "%s: damaged gzip file: %s", in->name, in->z.msg ? in->z.msg : zError(rc));
    in->z_between = rc == Z_STREAM_END;
    *out_n = cap - in->z.avail_out;
    return FZ_OK;
}

static fz_status plain_read_gzip(struct fz_input *in, char *buf, size_t cap, size_t *out_n, struct fz_error *err)
{
    *out_n = 0;
    while (*out_n == 0 && !in->plain_end)
        if (in->z_between)
            FZ_TRY(gzip_between(in, err));
        else
            FZ_TRY(gzip_step(in, buf, cap, out_n, err));
    return FZ_OK;
}

static fz_status plain_read_zip(struct fz_input *in, char *buf, size_t cap, size_t *out_n, struct fz_error *err)
{
    zip_int64_t got = zip_fread(in->member, buf, cap);

    if (got < 0)
        return fz_fail(err, FZ_E_INPUT, "%s: damaged zip file: %s", in->name, zip_file_strerror(in->member));
    *out_n = (size_t)got;
    in->plain_end = got == 0;
    return FZ_OK;
}

/* `*out_n` is 0 at the end only. */
static fz_status plain_read(struct fz_input *in, char *buf, size_t cap, size_t *out_n, struct fz_error *err)
{
    switch (in->packing) {
    case PACKING_NONE:
        FZ_TRY(plain_read_file(in, buf, cap, out_n, err));
        break;
    case PACKING_GZIP:
        FZ_TRY(plain_read_gzip(in, buf, cap, out_n, err));
        break;
    case PACKING_ZIP:
        FZ_TRY(plain_read_zip(in, buf, cap, out_n, err));
        break;
    }
    return plain_count(in, *out_n, err);
}

/* ---- opening a packing ---- */

static fz_status gzip_open(struct fz_input *in, struct fz_error *err)
{
    if (inflateInit2(&in->z, 16 + MAX_WBITS) != Z_OK)
        return fz_fail(err, FZ_E_NOMEM, "%s: memory ran out", in->name);
    in->z_open = true;
    return FZ_OK;
}

static fz_status zip_refused(const struct fz_input *in, int code, struct fz_error *err)
{
    zip_error_t why;
    fz_status s = code == ZIP_ER_MEMORY ? FZ_E_NOMEM : FZ_E_INPUT;

    zip_error_init_with_code(&why, code);
    fz_fail(err, s, "%s: damaged zip file: %s", in->name, zip_error_strerror(&why));
    zip_error_fini(&why);
    return s;
}

static fz_status zip_archive_memory(struct fz_input *in, struct fz_error *err)
{
    zip_error_t why;
    zip_source_t *source;

    zip_error_init(&why);
    source = zip_source_buffer_create(in->raw.p, in->raw.n, 0, &why);
    if (source)
        in->zip = zip_open_from_source(source, ZIP_RDONLY, &why);
    if (source && !in->zip)
        zip_source_free(source);
    if (!in->zip) {
        int code = zip_error_code_zip(&why);

        zip_error_fini(&why);
        return zip_refused(in, code, err);
    }
    return FZ_OK;
}

static fz_status zip_archive_file(struct fz_input *in, struct fz_error *err)
{
    int code = 0;
    int fd = lseek(in->fd, 0, SEEK_SET) == 0 ? dup(in->fd) : -1;

    if (fd < 0)
        return fz_fail(err, FZ_E_IO, "%s: cannot read a zip from here: %s", in->name, strerror(errno));
    in->zip = zip_fdopen(fd, 0, &code);
    if (!in->zip) {
        close(fd);
        return zip_refused(in, code, err);
    }
    return FZ_OK;
}

static bool zip_is_folder(const char *name)
{
    return name && fz_str_ends(fz_str_of(name), "/");
}

static fz_status zip_find(struct fz_input *in, zip_uint64_t *out_index, struct fz_error *err)
{
    zip_int64_t entries = zip_get_num_entries(in->zip, 0);
    zip_uint64_t found = 0;
    long long files = 0;

    for (zip_int64_t i = 0; i < entries; i++) {
        if (zip_is_folder(zip_get_name(in->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW)))
            continue;
        found = (zip_uint64_t)i;
        files++;
    }
    if (files != 1)
        return fz_fail(err, FZ_E_INPUT, "%s: the zip holds %lld files, exactly one is wanted", in->name, files);
    *out_index = found;
    return FZ_OK;
}

static fz_status zip_enter(struct fz_input *in, struct fz_error *err)
{
    zip_uint64_t index = 0;
    zip_stat_t st;

    FZ_TRY(in->fd < 0 ? zip_archive_memory(in, err) : zip_archive_file(in, err));
    FZ_TRY(zip_find(in, &index, err));
    if (zip_stat_index(in->zip, index, 0, &st) != 0 || !(st.valid & ZIP_STAT_SIZE) || !(st.valid & ZIP_STAT_COMP_SIZE))
        return fz_fail(err, FZ_E_INPUT, "%s: damaged zip file: the sizes of its member are missing", in->name);
    FZ_TRY(unpacking_allowed(in, st.size, st.comp_size, err));
    in->packed_bytes = st.comp_size;
    in->unpacked_bytes = st.size;
    in->member = zip_fopen_index(in->zip, index, 0);
    if (!in->member)
        return fz_fail(err, FZ_E_INPUT, "%s: cannot unpack the zip: %s", in->name, zip_strerror(in->zip));
    return FZ_OK;
}

static fz_status unpack_open(struct fz_input *in, struct fz_error *err)
{
    FZ_TRY(raw_fill(in, err));
    if (fz_str_starts(in->raw, "\x1f\x8b")) {
        in->packing = PACKING_GZIP;
        return gzip_open(in, err);
    }
    if (fz_str_starts(in->raw, "PK\x03\x04") || fz_str_starts(in->raw, "PK\x05\x06")) {
        in->packing = PACKING_ZIP;
        return zip_enter(in, err);
    }
    return FZ_OK;
}

/* ---- stage ---- */

static fz_status stage_fill(struct fz_input *in, struct fz_error *err)
{
    size_t got = 0;

    memmove(in->stage, in->stage + in->at, in->n - in->at);
    in->stage_offset += in->at;
    in->n -= in->at;
    in->at = 0;
    while (in->n < STAGE_BYTES && !in->plain_end) {
        FZ_TRY(plain_read(in, in->stage + in->n, STAGE_BYTES - in->n, &got, err));
        in->n += got;
    }
    return FZ_OK;
}

/* ---- encodings ---- */

/* Bytes of the longest well-formed beginning: eight at a time while they are ASCII. */
static size_t utf8_prefix(fz_str s)
{
    size_t i = 0;
    uint32_t cp;

    while (i < s.n) {
        uint64_t eight;
        size_t n;

        if (s.n - i >= sizeof(eight)) {
            memcpy(&eight, s.p + i, sizeof(eight));
            if (!(eight & UINT64_C(0x8080808080808080))) {
                i += sizeof(eight);
                continue;
            }
        }
        n = fz_utf8_next((fz_str){s.p + i, s.n - i}, &cp);
        if (n == 0)
            break;
        i += n;
    }
    return i;
}

/* Longest run of whole characters within `n` bytes of well-formed text. */
static size_t utf8_cut(const char *p, size_t n, size_t cap)
{
    if (n <= cap)
        return n;
    while (cap && ((unsigned char)p[cap] & 0xC0) == 0x80)
        cap--;
    return cap;
}

static size_t take_utf8(struct fz_input *in, char *buf, size_t cap)
{
    /* Three bytes more than fit, so that the last character is seen whole and can be cut off before it. */
    size_t left = in->n - in->at;
    size_t n = utf8_prefix((fz_str){in->stage + in->at, left < cap + 3 ? left : cap + 3});

    n = utf8_cut(in->stage + in->at, n, cap);
    memcpy(buf, in->stage + in->at, n);
    in->at += n;
    return n;
}

static size_t take_iconv(struct fz_input *in, char *buf, size_t cap)
{
    char *from = in->stage + in->at, *to = buf;
    size_t from_n = in->n - in->at, to_n = cap;

    /* A failure means a full buffer, a cut character or a malformed one: fz_input_read() tells them apart. */
    (void)iconv(in->cd, &from, &from_n, &to, &to_n);
    in->at = in->n - from_n;
    return cap - to_n;
}

static size_t take(struct fz_input *in, char *buf, size_t cap)
{
    return in->cd == (iconv_t)-1 ? take_utf8(in, buf, cap) : take_iconv(in, buf, cap);
}

static fz_status encoding_set(struct fz_input *in, const char *encoding, size_t mark_bytes, struct fz_error *err)
{
    in->encoding = encoding;
    in->at = mark_bytes;
    if (strcmp(encoding, "UTF-8") == 0)
        return FZ_OK;
    in->cd = iconv_open("UTF-8", encoding);
    if (in->cd == (iconv_t)-1)
        return fz_fail(err, FZ_E_IO, "%s: the system cannot convert from %s: %s", in->name, encoding, strerror(errno));
    return FZ_OK;
}

/* A CSV of UTF-16 is full of separators, digits and line ends, each with a NUL on the same side; of UTF-8 has none. */
static const char *utf16_without_mark(const struct fz_input *in)
{
    size_t n = in->n < 4096 ? in->n : 4096, even = 0, odd = 0;

    for (size_t i = 0; i < n; i++)
        if (in->stage[i] == '\0')
            (*(i % 2 ? &odd : &even))++;
    if ((even + odd) * 32 < n || even + odd == 0)
        return NULL;
    return odd > even * 3 ? "UTF-16LE" : even > odd * 3 ? "UTF-16BE" : NULL;
}

/* Whether the whole stage converts, but for a character cut at its end. Puts the stage back as it was. */
static bool stage_converts(struct fz_input *in)
{
    char scratch[4096];
    size_t start = in->at, left;

    while (in->at < in->n && take_iconv(in, scratch, sizeof(scratch)))
        ;
    left = in->n - in->at;
    in->at = start;
    iconv(in->cd, NULL, NULL, NULL, NULL);
    return left == 0 || (left < CHARACTER_BYTES_MAX && !in->plain_end);
}

static fz_status gb18030_try(struct fz_input *in, size_t utf8_bytes, struct fz_error *err)
{
    fz_str head = {in->stage, in->n};

    FZ_TRY(encoding_set(in, "GB18030", fz_str_starts(head, "\x84\x31\x95\x33") ? 4 : 0, err));
    if (!stage_converts(in))
        return fz_fail(err, FZ_E_INPUT, "%s: neither UTF-8 (malformed at byte %zu) nor UTF-16 nor GB18030", in->name,
                       utf8_bytes);
    return FZ_OK;
}

static fz_status encoding_detect(struct fz_input *in, struct fz_error *err)
{
    fz_str head = {in->stage, in->n};
    const char *utf16 = utf16_without_mark(in);
    size_t good;

    if (fz_str_starts(head, "\xEF\xBB\xBF"))
        return encoding_set(in, "UTF-8", 3, err);
    if (fz_str_starts(head, "\xFF\xFE"))
        return encoding_set(in, "UTF-16LE", 2, err);
    if (fz_str_starts(head, "\xFE\xFF"))
        return encoding_set(in, "UTF-16BE", 2, err);
    if (utf16)
        return encoding_set(in, utf16, 0, err);
    good = utf8_prefix(head);
    if (good == head.n || (head.n - good < CHARACTER_BYTES_MAX && !in->plain_end))
        return encoding_set(in, "UTF-8", 0, err);
    return gb18030_try(in, good, err);
}

/* ---- the door ---- */

static struct fz_input *input_new(const char *name, struct fz_error *err)
{
    struct fz_input *in = calloc(1, sizeof(*in));
    char *copy = strdup(name);

    if (!in || !copy) {
        free(in);
        free(copy);
        fz_fail(err, FZ_E_NOMEM, "%s: memory ran out", name);
        return NULL;
    }
    in->name = copy;
    in->fd = -1;
    in->cd = (iconv_t)-1;
    in->encoding = "UTF-8";
    return in;
}

/* Gives `in` to the caller, or closes it when its beginning cannot be understood. */
static fz_status input_begin(struct fz_input *in, struct fz_input **out_in, struct fz_error *err)
{
    fz_status s = unpack_open(in, err);

    if (s == FZ_OK)
        s = stage_fill(in, err);
    if (s == FZ_OK)
        s = encoding_detect(in, err);
    if (s != FZ_OK) {
        fz_input_close(in);
        return s;
    }
    *out_in = in;
    return FZ_OK;
}

fz_status fz_input_open(struct fz_input **out_in, const char *path, struct fz_error *err)
{
    struct fz_input *in = input_new(path, err);

    if (!in)
        return FZ_E_NOMEM;
    in->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (in->fd < 0) {
        fz_fail(err, FZ_E_IO, "%s: cannot open: %s", path, strerror(errno));
        fz_input_close(in);
        return FZ_E_IO;
    }
    return input_begin(in, out_in, err);
}

fz_status fz_input_open_memory(struct fz_input **out_in, const char *name, fz_str bytes, struct fz_error *err)
{
    struct fz_input *in = input_new(name, err);

    if (!in)
        return FZ_E_NOMEM;
    in->raw = bytes;
    in->raw_used = bytes.n;
    in->raw_end = true;
    return input_begin(in, out_in, err);
}

fz_status fz_input_read(struct fz_input *in, char *buf, size_t cap, size_t *out_n, struct fz_error *err)
{
    size_t n;

    fz_assert(cap >= FZ_INPUT_READ_MIN);
    if (in->n - in->at < CHARACTER_BYTES_MAX && !in->plain_end)
        FZ_TRY(stage_fill(in, err));
    n = in->at < in->n ? take(in, buf, cap) : 0;
    if (n == 0 && in->at < in->n)
        return fz_fail(err, FZ_E_INPUT, "%s: malformed %s at byte %llu", in->name, in->encoding,
                       (unsigned long long)(in->stage_offset + in->at));
    *out_n = n;
    return FZ_OK;
}

const char *fz_input_encoding(const struct fz_input *in)
{
    return in->encoding;
}

/* In every encoding known here `<` and the blanks are their ASCII byte, in UTF-16 beside a NUL. */
bool fz_input_is_markup(const struct fz_input *in)
{
    size_t i = in->at;

    while (i < in->n && memchr("\0 \t\r\n", in->stage[i], 5))
        i++;
    return i < in->n && in->stage[i] == '<';
}

void fz_input_progress(const struct fz_input *in, uint64_t *out_done, uint64_t *out_all)
{
    struct stat st;

    *out_all = in->fd < 0 ? in->raw_used : fstat(in->fd, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
    *out_done = in->raw_used - in->raw.n;
    if (in->packing == PACKING_ZIP) {
        *out_all = in->unpacked_bytes;
        *out_done = in->plain_bytes;
    }
}

const char *fz_input_name(const struct fz_input *in)
{
    return in->name;
}

void fz_input_close(struct fz_input *in)
{
    if (!in)
        return;
    if (in->z_open)
        inflateEnd(&in->z);
    if (in->member)
        zip_fclose(in->member);
    if (in->zip)
        zip_discard(in->zip);
    if (in->cd != (iconv_t)-1)
        iconv_close(in->cd);
    if (in->fd >= 0)
        close(in->fd);
    free(in->name);
    free(in);
}
