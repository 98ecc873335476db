/*
 * A text as a QR code (ISO/IEC 18004), for a receipt on paper or on a page: one SVG that needs no script, font or network.
 */
#ifndef FZ_REPORT_QR_H
#define FZ_REPORT_QR_H

#include "base/base.h"

/**
 * Appends `<svg ...>...</svg>`: black modules on white as one path, with the quiet zone of four modules that readers need. It has no
 * size of its own, so a page gives it one; a module should be printed no smaller than a third of a millimetre.
 *
 * The smallest code that holds the text is taken, then the strongest error correction that does not enlarge it. Texts of upper-case
 * letters, digits and $%*+-./: and blanks (a compact receipt) take 5.5 bits a character, others 8 a byte.
 *
 * Other characters than ASCII go in as UTF-8 without saying so, and some readers then guess another encoding.
 *
 * @param label  what a screen reader says, in the page's language
 * @return FZ_OK; FZ_E_TOO_LARGE when no code holds the text; FZ_E_INPUT when it is empty or has a NUL
 */
fz_status fz_qr_svg(struct fz_buf *out, fz_str text, fz_str label, struct fz_error *err);

#endif
