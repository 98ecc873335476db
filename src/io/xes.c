/*
 * Expat pushes, the caller pulls: the parser is suspended at the end of each event and resumed by the next call.
 *
 * Where the parser stands is one of four places. Everything that is not wanted is a subtree to be skipped: `skipping` is the
 * depth of its root, 0 when there is none.
 *
 *     DOCUMENT --log--> LOG --trace--> TRACE --event--> EVENT        each back at its end tag
 *                       LOG --event--------------------> EVENT       (outside of a trace)
 *
 * A callback cannot return a status: it leaves it in `failed`, the text in the caller's error, and stops the parser.
 */
#include "io/xes.h"

#include <expat.h>
#include <stdlib.h>

#define CHUNK_BYTES (64u << 10)

enum place { DOCUMENT, LOG, TRACE, EVENT };

/* Attributes of one element while they are collected. Their texts move as `bytes` grows, so they are offsets until they are given. */
struct attributes {
    struct {
        size_t key_at, key_n, value_at, value_n;
        fz_xes_type type;
    } found[FZ_XML_ATTRIBUTES_MAX];
    struct fz_xes_attribute given[FZ_XML_ATTRIBUTES_MAX];
    size_t n;
    struct fz_buf bytes;
    uint64_t line;
};

struct fz_xes {
    struct fz_input *in;
    XML_Parser parser;
    enum place place;
    unsigned depth, skipping;
    bool suspended, input_end, finished;
    bool in_trace, trace_has_events;
    bool ready, bare; /* what suspended the parser: an event, or a trace without one */
    uint64_t fed;     /* bytes given to the parser */
    fz_status failed;
    struct fz_error *err; /* the caller's, during fz_xes_next() */
    struct attributes trace, event;
};

/* ---- callbacks ---- */

static void stop(struct fz_xes *x, fz_status s)
{
    x->failed = s;
    XML_StopParser(x->parser, XML_FALSE);
}

#define FAIL(x, status, fmt, ...)                                                                                      \
    stop((x), fz_fail((x)->err, (status), "%s:%llu: " fmt, fz_input_name((x)->in), (unsigned long long)fz_xes_line(x), \
                      __VA_ARGS__))

static const char *const attribute_words[] = {
    [FZ_XES_STRING] = "string", [FZ_XES_DATE] = "date",       [FZ_XES_INT] = "int",
    [FZ_XES_FLOAT] = "float",   [FZ_XES_BOOLEAN] = "boolean", [FZ_XES_ID] = "id",
};

static bool attribute_type(const char *name, fz_xes_type *out)
{
    for (size_t i = 0; i < FZ_COUNT(attribute_words); i++)
        if (strcmp(name, attribute_words[i]) == 0) {
            *out = (fz_xes_type)i;
            return true;
        }
    return false;
}

static bool is_one_of(const char *name, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(name, words[i]) == 0)
            return true;
    return false;
}

static void attributes_begin(struct attributes *a, uint64_t line)
{
    a->n = 0;
    a->line = line;
    fz_buf_reset(&a->bytes);
}

/* The value of one XML attribute, NULL when it is missing. */
static const char *xml_attribute(const XML_Char **atts, const char *name)
{
    for (; *atts; atts += 2)
        if (strcmp(atts[0], name) == 0)
            return atts[1];
    return NULL;
}

static void add_attribute(struct fz_xes *x, struct attributes *a, fz_xes_type type, const XML_Char **atts)
{
    fz_str key = fz_str_of(xml_attribute(atts, "key")), value = fz_str_of(xml_attribute(atts, "value"));

    if (!key.p) {
        FAIL(x, FZ_E_INPUT, "this <%s> has no key", attribute_words[type]);
    } else if (!value.p) {
        FAIL(x, FZ_E_INPUT, "the attribute `%s` has no value", key.p);
    } else if (a->n == FZ_XML_ATTRIBUTES_MAX) {
        FAIL(x, FZ_E_TOO_LARGE, "more than %d attributes", FZ_XML_ATTRIBUTES_MAX);
    } else if (a->bytes.n + key.n + value.n > FZ_XML_BYTES_MAX) {
        FAIL(x, FZ_E_TOO_LARGE, "the attributes are longer than %u bytes", FZ_XML_BYTES_MAX);
    } else {
        a->found[a->n].type = type;
        a->found[a->n].key_at = a->bytes.n;
        a->found[a->n].key_n = key.n;
        fz_buf_add(&a->bytes, key);
        a->found[a->n].value_at = a->bytes.n;
        a->found[a->n].value_n = value.n;
        fz_buf_add(&a->bytes, value);
        a->n++;
    }
}

static void start_in_log(struct fz_xes *x, const char *name)
{
    static const char *const ignored[] = {"extension", "global", "classifier", "list", "container"};
    fz_xes_type type;

    if (strcmp(name, "trace") == 0) {
        x->place = TRACE;
        x->in_trace = true;
        x->trace_has_events = false;
        attributes_begin(&x->trace, fz_xes_line(x));
    } else if (strcmp(name, "event") == 0) {
        x->place = EVENT;
        attributes_begin(&x->trace, 0);
        attributes_begin(&x->event, fz_xes_line(x));
    } else if (attribute_type(name, &type) || is_one_of(name, ignored, FZ_COUNT(ignored))) {
        x->skipping = x->depth;
    } else {
        FAIL(x, FZ_E_INPUT, "XES has no <%s> in a log", name);
    }
}

static void start_in_trace(struct fz_xes *x, const char *name, const XML_Char **atts)
{
    static const char *const ignored[] = {"list", "container"};
    fz_xes_type type;

    if (strcmp(name, "event") == 0) {
        x->place = EVENT;
        x->trace_has_events = true;
        attributes_begin(&x->event, fz_xes_line(x));
    } else if (is_one_of(name, ignored, FZ_COUNT(ignored))) {
        x->skipping = x->depth;
    } else if (!attribute_type(name, &type)) {
        FAIL(x, FZ_E_INPUT, "XES has no <%s> in a trace", name);
    } else if (x->trace_has_events) {
        /* The events before it were given without it already. */
        FAIL(x, FZ_E_INPUT, "this attribute of the trace stands behind its first event (%s)", name);
    } else {
        add_attribute(x, &x->trace, type, atts);
        x->skipping = x->depth;
    }
}

static void start_in_event(struct fz_xes *x, const char *name, const XML_Char **atts)
{
    static const char *const ignored[] = {"list", "container"};
    fz_xes_type type;

    if (attribute_type(name, &type))
        add_attribute(x, &x->event, type, atts);
    else if (!is_one_of(name, ignored, FZ_COUNT(ignored)))
        FAIL(x, FZ_E_INPUT, "XES has no <%s> in an event", name);
    x->skipping = x->depth;
}

static void on_start(void *arg, const XML_Char *qname, const XML_Char **atts)
{
    struct fz_xes *x = arg;
    const char *colon = strrchr(qname, ':'), *name = colon ? colon + 1 : qname;

    if (x->failed)
        return;
    if (++x->depth > FZ_XML_DEPTH_MAX)
        FAIL(x, FZ_E_TOO_LARGE, "elements nest deeper than %d", FZ_XML_DEPTH_MAX);
    else if (x->skipping)
        return;
    else if (x->place == EVENT)
        start_in_event(x, name, atts);
    else if (x->place == TRACE)
        start_in_trace(x, name, atts);
    else if (x->place == LOG)
        start_in_log(x, name);
    else if (strcmp(name, "log") == 0)
        x->place = LOG;
    else
        FAIL(x, FZ_E_INPUT, "no XES log: it begins with <%s>", name);
}

static void suspend(struct fz_xes *x, bool bare)
{
    x->ready = true;
    x->bare = bare;
    XML_StopParser(x->parser, XML_TRUE);
}

static void on_end(void *arg, const XML_Char *name)
{
    struct fz_xes *x = arg;

    (void)name;
    if (x->failed)
        return;
    x->depth--;
    if (x->skipping) {
        if (x->depth < x->skipping)
            x->skipping = 0;
    } else if (x->place == EVENT) {
        x->place = x->in_trace ? TRACE : LOG;
        suspend(x, false);
    } else if (x->place == TRACE) {
        x->place = LOG;
        x->in_trace = false;
        if (!x->trace_has_events)
            suspend(x, true);
    }
}

static void on_doctype(void *arg, const XML_Char *name, const XML_Char *sysid, const XML_Char *pubid, int internal)
{
    struct fz_xes *x = arg;

    (void)name, (void)sysid, (void)pubid, (void)internal;
    FAIL(x, FZ_E_INPUT, "%s", "a document type may not stand in a log: entities of a file's own are refused");
}

/* ---- the door ---- */

fz_status fz_xes_open(struct fz_xes **out_xes, struct fz_input *in, struct fz_error *err)
{
    struct fz_xes *x = calloc(1, sizeof(*x));

    if (x)
        x->parser = XML_ParserCreate("UTF-8"); /* which overrides what the document declares */
    if (!x || !x->parser) {
        free(x);
        return fz_fail(err, FZ_E_NOMEM, "%s: memory ran out", fz_input_name(in));
    }
    x->in = in;
    XML_SetUserData(x->parser, x);
    XML_SetElementHandler(x->parser, on_start, on_end);
    XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
    *out_xes = x;
    return FZ_OK;
}

/* Bytes of the input have no line of their own; the parser knows how far it came. */
static fz_status input_failed(const struct fz_xes *x, fz_status s, struct fz_error *err)
{
    struct fz_error below = err ? *err : (struct fz_error){0};
    size_t name_n = strlen(fz_input_name(x->in));

    if (!err || strlen(below.text) < name_n + 2)
        return s;
    return fz_fail(err, s, "%s:%llu: %s", fz_input_name(x->in), (unsigned long long)fz_xes_line(x),
                   below.text + name_n + 2);
}

static fz_status feed(struct fz_xes *x, enum XML_Status *out_parsed, struct fz_error *err)
{
    void *buf = XML_GetBuffer(x->parser, CHUNK_BYTES);
    size_t n = 0;
    fz_status s;

    if (!buf)
        return fz_fail(err, FZ_E_NOMEM, "%s: memory ran out", fz_input_name(x->in));
    s = fz_input_read(x->in, buf, CHUNK_BYTES, &n, err);
    if (s != FZ_OK)
        return input_failed(x, s, err);
    x->fed += n;
    x->input_end = n == 0;
    *out_parsed = XML_ParseBuffer(x->parser, (int)n, n == 0);
    return FZ_OK;
}

/* Parses until an event is ready, or this chunk is used up. */
static fz_status step(struct fz_xes *x, struct fz_error *err)
{
    enum XML_Status parsed = XML_STATUS_OK;

    if (x->suspended)
        parsed = XML_ResumeParser(x->parser);
    else
        FZ_TRY(feed(x, &parsed, err));
    if (x->failed)
        return x->failed;
    if (parsed == XML_STATUS_ERROR)
        return fz_fail(err, XML_GetErrorCode(x->parser) == XML_ERROR_NO_MEMORY ? FZ_E_NOMEM : FZ_E_INPUT,
                       "%s:%llu: not well-formed XML: %s", fz_input_name(x->in), (unsigned long long)fz_xes_line(x),
                       XML_ErrorString(XML_GetErrorCode(x->parser)));
    x->suspended = parsed == XML_STATUS_SUSPENDED;
    x->finished = x->input_end && !x->suspended;
    /* The parser keeps what it has no end of yet: a tag or a comment. */
    if (!x->suspended && !x->finished && x->fed - (uint64_t)XML_GetCurrentByteIndex(x->parser) > FZ_XML_BYTES_MAX)
        return fz_fail(err, FZ_E_TOO_LARGE, "%s:%llu: a tag or comment is longer than %u bytes", fz_input_name(x->in),
                       (unsigned long long)fz_xes_line(x), FZ_XML_BYTES_MAX);
    return FZ_OK;
}

static const struct fz_xes_attribute *give(struct attributes *a)
{
    for (size_t i = 0; i < a->n; i++)
        a->given[i] = (struct fz_xes_attribute){{a->bytes.p + a->found[i].key_at, a->found[i].key_n},
                                                {a->bytes.p + a->found[i].value_at, a->found[i].value_n},
                                                a->found[i].type};
    return a->given;
}

fz_status fz_xes_next(struct fz_xes *x, struct fz_xes_event *out_event, bool *out_end, struct fz_error *err)
{
    x->err = err;
    x->ready = false;
    while (!x->ready && !x->finished)
        FZ_TRY(step(x, err));
    *out_end = !x->ready;
    if (!x->ready)
        return FZ_OK;
    *out_event = (struct fz_xes_event){
        .bare = x->bare,
        .line = x->bare ? x->trace.line : x->event.line,
        .attributes = give(&x->event),
        .attributes_n = x->bare ? 0 : x->event.n,
        .trace = give(&x->trace),
        .trace_n = x->trace.n,
        .trace_line = x->trace.line,
    };
    return FZ_OK;
}

uint64_t fz_xes_line(const struct fz_xes *x)
{
    return XML_GetCurrentLineNumber(x->parser);
}

void fz_xes_close(struct fz_xes *x)
{
    if (!x)
        return;
    XML_ParserFree(x->parser);
    fz_buf_release(&x->trace.bytes);
    fz_buf_release(&x->event.bytes);
    free(x);
}
