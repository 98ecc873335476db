/*
 * Reads an event log in XES (IEEE 1849, 可扩展事件流), event by event, from a struct fz_input.
 *
 * A log holds traces (案件 of one run), a trace holds attributes and then events, an event holds attributes. What is given: the
 * attributes of the event and those of its trace, as they are written (string, date, int, float, boolean, id). What is left out:
 * extensions, globals, classifiers and attributes of the log, attributes nested in others, lists and containers. An element that
 * XES does not have is an error, for it might hold what somebody relies on. An event outside of any trace has no trace attributes.
 *
 * The text comes as UTF-8 from the input whatever the XML declaration says, so that declaration is not asked. Document types
 * are refused and with them every entity of the file's own (no entity bombs). At most one chunk of the file and one event are held.
 *
 * Life cycle: open over an input, next until `*out_end`, close, then close the input. After a failure only close.
 */
#ifndef FZ_IO_XES_H
#define FZ_IO_XES_H

#include "base/base.h"
#include "io/input.h"

typedef enum { FZ_XES_STRING, FZ_XES_DATE, FZ_XES_INT, FZ_XES_FLOAT, FZ_XES_BOOLEAN, FZ_XES_ID } fz_xes_type;

struct fz_xes_attribute {
    fz_str key, value; /* the value as written */
    fz_xes_type type;
};

struct fz_xes_event {
    bool bare;     /* no event: a trace that has none, given once so that it is not lost */
    uint64_t line; /* physical line, from 1, on which it begins; of a bare trace, the trace's */
    const struct fz_xes_attribute *attributes; /* in the order of the file; a key may stand twice */
    size_t attributes_n;
    const struct fz_xes_attribute *trace;
    size_t trace_n;
    uint64_t trace_line; /* 0 outside of any trace */
};

struct fz_xes;

/**
 * Makes a reader; nothing is read yet.
 *
 * @param in  stays the caller's and has to outlive the reader, who alone reads from it
 * @return FZ_OK; FZ_E_NOMEM
 */
fz_status fz_xes_open(struct fz_xes **out_xes, struct fz_input *in, struct fz_error *err);

/**
 * The next event.
 *
 * @param out_event  views into the reader, good until the next call
 * @param out_end    true when there was no further event and the document was complete
 * @return FZ_OK; FZ_E_INPUT for what is not well-formed XML, or not XES, or has a document type; FZ_E_TOO_LARGE past
 *         FZ_XML_DEPTH_MAX, FZ_XML_ATTRIBUTES_MAX or FZ_XML_BYTES_MAX; else as fz_input_read(). Each with file and line.
 * O(bytes); nothing is allocated once the longest event was seen.
 */
fz_status fz_xes_next(struct fz_xes *x, struct fz_xes_event *out_event, bool *out_end, struct fz_error *err);

/** Physical line that was reached. */
uint64_t fz_xes_line(const struct fz_xes *x);

void fz_xes_close(struct fz_xes *x); /* accepts NULL */

#endif
