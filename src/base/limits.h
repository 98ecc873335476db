/*
 * Every bound that input meets at the door, in one place. Past the door an allocation does not fail.
 */
#ifndef FZ_BASE_LIMITS_H
#define FZ_BASE_LIMITS_H

#define FZ_PACK_BYTES_MAX (4u << 20)     /* the longest pack so far has 60 kB; a statute has 300 kB */
#define FZ_YAML_DEPTH_MAX 64             /* packs nest 9 deep; the YAML library recurses no further than this */
#define FZ_YAML_NODES_MAX 400000         /* a 4 MB file of one-letter scalars stays under it */
#define FZ_EXPR_BYTES_MAX 4096           /* the longest condition of a statute has some 300 */
#define FZ_EXPR_DEPTH_MAX 64             /* the expression parser recurses */
#define FZ_DIAGS_MAX 200                 /* problems reported a file; the rest are counted */
#define FZ_LINE_BYTES_MAX (1u << 20)     /* one CSV record: a free-text field has 64 kB at most in known logs */
#define FZ_FIELDS_MAX 1024               /* columns of one CSV file */
#define FZ_UNZIPPED_BYTES_MAX (4ull << 30) /* plain size of one packed file */
#define FZ_UNZIP_RATIO_MAX 1000          /* deflate reaches 1032:1 on zeros; real logs stay under 60:1 */
#define FZ_XML_DEPTH_MAX 64              /* XES nests 6 deep */
#define FZ_XML_ATTRIBUTES_MAX 1024       /* of one event or trace of XES; known logs have 40 */
#define FZ_XML_BYTES_MAX (1u << 20)      /* one tag or comment of XES, and the keys and values of one event or trace: as one CSV record */
#define FZ_XLSX_CELL_BYTES_MAX (128u << 10) /* one cell: a spreadsheet ends at 32,767 characters of at most 4 bytes */
#define FZ_XLSX_STRINGS_BYTES_MAX (512u << 20) /* of all shared strings: they are held in memory */
#define FZ_XLSX_STRINGS_MAX (1u << 25)   /* shared strings: a full sheet of 1,048,576 rows with 32 texts of its own in each */
#define FZ_XLSX_STYLES_MAX 65536         /* formats of cells, and number formats: a spreadsheet ends at 65,490 */
#define FZ_XLSX_SHEETS_MAX 4096          /* of one workbook, and its relations */
#define FZ_XLSX_PART_BYTES_MAX (64u << 20) /* workbook, relations, styles: known ones have 2 MB at most */
#define FZ_CASE_EVENTS_MAX 100000        /* acts of one case */
#define FZ_ACTIONS_MAX 256               /* of one record: the penalty case has 58; a set of them is four words */
#define FZ_STAGES_MAX 64                 /* of one record: a set of them is one word */
#define FZ_MEMBERS_OF_RECORD_MAX 1024    /* fields, clocks, documents, pauses, outcomes of one record; laws, rules of one pack: names are looked up one by one */
#define FZ_TABLE_ROWS_MAX 1024            /* of one table: a benchmark has some ten for each offence */
#define FZ_TABLE_INPUTS_MAX 8            /* of one table; its columns may be FZ_STAGES_MAX */
#define FZ_TABLE_CHECKS_MAX (1u << 24)   /* rows times values told apart, when a table is checked: some tenths of a second */
#define FZ_PROOF_NODES_MAX (1 << 21)     /* of the diagrams of one record: the largest so far needs some 25,000 */
#define FZ_ENTRY_BYTES_MAX 65535         /* one entry: the 16-bit length of an entry bundle (tlog-tiles) holds it; a long free text is a document */
#define FZ_ENTRY_NAME_BYTES_MAX 64       /* names of actions, outcomes, fields; the longest in packs has 40 */
#define FZ_ENTRY_TEXT_BYTES_MAX 256      /* what identifies a record, an official, an organ, a version */
#define FZ_ENTRY_FIELDS_MAX 512          /* values, commitments or documents of one entry; a commitment takes some 80 bytes of it */
#define FZ_ENTRY_ITEMS_MAX 4096          /* of one list: what an entry holds of short numbers */
#define FZ_NOTE_BYTES_MAX 65535          /* a checkpoint with its signatures: 100 witnesses take some 20 kB */
#define FZ_NOTE_SIGNATURES_MAX 100       /* of one note; signed-note asks for 16 at least */
#define FZ_RECEIPT_BYTES_MAX (1u << 20)  /* as JSON: an entry and two checkpoints, each byte of them escaped into six */
#define FZ_QR_CHARS_MAX 4296             /* upper-case letters, digits and some marks in the largest QR code (ISO/IEC 18004, 40-L) */
#define FZ_KEY_NAME_BYTES_MAX 255        /* of a log or witness: a URL without its scheme */
#define FZ_KEY_PEM_BYTES_MAX 16384       /* a private key file: a kilobyte and the comment around it; a passphrase too */
#define FZ_KEY_ITERATIONS 600000         /* of PBKDF2 over a passphrase: a fifth of a second, for whoever guesses as well */
#define FZ_ERROR_BYTES 512               /* text of one error */

#endif
