/* Receipts (回执) as files: written from a folder, read by whoever verifies. */
#ifndef FZ_CLI_RECEIPT_H
#define FZ_CLI_RECEIPT_H

#include "cli/cli.h"
#include "engine/heads.h"

/**
 * Writes the receipt of an entry: under the newest head that a witness has signed, if one covers it, else under the newest.
 * @param file  NULL: to `out`
 * @param qr    a file for the QR code, as SVG; NULL: none. FZ_E_TOO_LARGE when the receipt does not fit into one; the receipt itself is written
 */
fz_status fz_cli_write_receipt(struct fz_cli *cli, struct fz_engine *e, const struct fz_log_keys *keys, int64_t seq,
                               const char *file, const char *qr);

/** Whether a text is a receipt, rather than a head: as JSON, or as a QR code holds it. */
bool fz_is_receipt(fz_str text);
/** Reads either form. */
bool fz_cli_read_receipt(struct fz_arena *arena, const struct fz_source *source, struct fz_receipt *out,
                         struct fz_diags *diags);

#endif
