/* Files packed as others send them. */
#ifndef FZ_TESTS_PACKING_H
#define FZ_TESTS_PACKING_H

#include <stdlib.h>
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

#endif
