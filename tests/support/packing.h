/* Files packed as others send them. */
#ifndef FZ_TESTS_PACKING_H
#define FZ_TESTS_PACKING_H

#include <stdlib.h>
#include <zip.h>
#include <zlib.h>

#include "support.h"

/* One member of a gzip file; several, one behind the other, are a file as well. */
static inline void gzip_add(struct fz_buf *out, fz_str plain)
{
    z_stream z = {0};
    size_t room = plain.n + 1024;
    char *packed = malloc(room);

    assert_non_null(packed);
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)plain.p;
    z.avail_in = (uInt)plain.n;
    z.next_out = (Bytef *)packed;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    fz_buf_add(out, (fz_str){packed, room - z.avail_out});
    deflateEnd(&z);
    free(packed);
}

/* One member of a zip; of a folder the name ends with a slash and nothing else counts. */
struct zip_part {
    const char *name;
    fz_str bytes;
    const char *password; /* NULL: none */
};

/* A zip of `n` members, behind `out`. */
static inline void zip_pack(struct fz_buf *out, const struct zip_part *parts, size_t n)
{
    zip_error_t why;
    zip_source_t *archive;
    zip_t *zip;
    zip_stat_t st;
    char *bytes;

    zip_error_init(&why);
    archive = zip_source_buffer_create(NULL, 0, 0, &why);
    assert_non_null(archive);
    zip_source_keep(archive);
    zip = zip_open_from_source(archive, ZIP_TRUNCATE, &why);
    assert_non_null(zip);
    for (size_t i = 0; i < n; i++) {
        zip_int64_t at;

        if (fz_str_ends(fz_str_of(parts[i].name), "/")) {
            assert_true(zip_dir_add(zip, parts[i].name, 0) >= 0);
            continue;
        }
        at = zip_file_add(zip, parts[i].name, zip_source_buffer(zip, parts[i].bytes.p, parts[i].bytes.n, 0), 0);
        assert_true(at >= 0);
        if (parts[i].password)
            assert_int_equal(zip_file_set_encryption(zip, (zip_uint64_t)at, ZIP_EM_AES_256, parts[i].password), 0);
    }
    assert_int_equal(zip_close(zip), 0);
    assert_int_equal(zip_source_stat(archive, &st), 0);
    bytes = malloc(st.size);
    assert_non_null(bytes);
    assert_int_equal(zip_source_open(archive), 0);
    assert_int_equal(zip_source_read(archive, bytes, st.size), st.size);
    zip_source_close(archive);
    zip_source_free(archive);
    fz_buf_add(out, (fz_str){bytes, st.size});
    free(bytes);
}

#endif
