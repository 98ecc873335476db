/*
 * A file that people hand in, delivered as UTF-8 whatever it was: plain, gzip or a zip of one file, in UTF-8, UTF-16 or
 * GB18030 (国家标准 GB 18030, with GBK and GB 2312 inside it).
 *
 * What always holds: every byte delivered is part of well-formed UTF-8, no mark of byte order stands at the beginning,
 * and a character is never cut between two reads. What cannot be delivered so is an error, never a replacement mark.
 * The first 64 KiB decide the encoding: a byte order mark; else many NUL bytes on one side of the pairs (UTF-16); else
 * UTF-8 when they are well-formed; else GB18030 when they convert. A text of a Western 8-bit encoding can pass for
 * GB18030, so whoever reports on a file should show fz_input_encoding().
 *
 * Life cycle: open, read until 0 bytes come, close. After a failure only close.
 */
#ifndef FZ_IO_INPUT_H
#define FZ_IO_INPUT_H

#include "base/base.h"

struct fz_input;

#define FZ_INPUT_READ_MIN 16 /* the smallest buffer that fz_input_read() accepts: one character fits any time */

/**
 * Opens the file at `path` and looks at its beginning. A pipe will do unless it carries a zip.
 *
 * @param path     copied; it names the file in every error
 * @param out_in   to be given to fz_input_close()
 * @return FZ_OK; FZ_E_IO when the system cannot open or read it; FZ_E_INPUT for torn or damaged packing, a zip that
 *         holds not exactly one file, or an unknown encoding; FZ_E_TOO_LARGE past FZ_UNZIPPED_BYTES_MAX or
 *         FZ_UNZIP_RATIO_MAX; FZ_E_NOMEM
 */
fz_status fz_input_open(struct fz_input **out_in, const char *path, struct fz_error *err);

/** The same over a block of memory, which has to stay as it is until fz_input_close(). `name` is copied. */
fz_status fz_input_open_memory(struct fz_input **out_in, const char *name, fz_str bytes, struct fz_error *err);

/**
 * The next bytes, in UTF-8.
 *
 * @param cap    room in `buf`, at least FZ_INPUT_READ_MIN
 * @param out_n  how many came; 0 at the end and only there
 * @return as fz_input_open(); FZ_E_INPUT with the offset in the unpacked file when bytes are malformed
 * Cost: one copy for UTF-8; memory stays the same whatever the size of the file.
 */
fz_status fz_input_read(struct fz_input *in, char *buf, size_t cap, size_t *out_n, struct fz_error *err);

/** "UTF-8", "UTF-16LE", "UTF-16BE" or "GB18030". An empty file and plain ASCII are "UTF-8". */
const char *fz_input_encoding(const struct fz_input *in);

/** Whether the first character that is no blank is `<`: markup (XES), not a table. Asked before the first read. O(64 KiB). */
bool fz_input_is_markup(const struct fz_input *in);

/** Bytes of the file used so far, and all of them; 0 of all when that is not known (a pipe). */
void fz_input_progress(const struct fz_input *in, uint64_t *out_done, uint64_t *out_all);

/** The name given at opening. */
const char *fz_input_name(const struct fz_input *in);

void fz_input_close(struct fz_input *in); /* accepts NULL */

#endif
