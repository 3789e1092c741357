/* SPDX-License-Identifier: MIT */
#include "source/prom_query.h"

#include <string.h>

enum { SELECTOR_MAX = 64 * 1024 }; /* bytes; servers refuse longer queries anyway */

enum err prom_query_escape(struct buf *out, struct str text)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < text.n && e == ERR_OK; i++) {
        char c = text.p[i];
        if (c == '"' || c == '\\') /* \\ and \" inside a PromQL string, and again inside the expression for \ */
            e = buf_append_z(out, c == '"' ? "\\\"" : "\\\\\\\\");
        else if (c == '\n')
            e = buf_append_z(out, "\\n");
        else if (strchr(".+*?()|[]{}^$", c) != NULL)
            e = buf_printf(out, c == '^' ? "\\\\^" : "[%c]", c);
        else
            e = buf_append_char(out, c);
    }
    return e;
}

static enum err append_form(struct buf *form, const char *name, struct str value)
{
    static const char hex[] = "0123456789ABCDEF";
    enum err e = form->len > 0 ? buf_append_char(form, '&') : ERR_OK;
    if (e == ERR_OK)
        e = buf_printf(form, "%s=", name);
    for (size_t i = 0; i < value.n && e == ERR_OK; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-._~", c) != NULL)
            e = buf_append_char(form, (char)c);
        else
            e = buf_printf(form, "%%%c%c", hex[c >> 4], hex[c & 15]);
    }
    return e;
}

static enum err append_time(struct buf *form, const char *name, int64_t t_ms)
{
    char text[40];
    str_format(text, sizeof text, "%lld.%03d", (long long)(t_ms / 1000), (int)(t_ms % 1000));
    return append_form(form, name, str_of(text));
}

static enum err append_name(struct buf *q, const char *name, bool first, bool suffixes)
{
    struct str text = str_of(name);
    bool open = text.n > 0 && text.p[text.n - 1] == '*';
    if (open)
        text.n--;
    enum err e = first ? ERR_OK : buf_append_char(q, '|');
    if (e == ERR_OK)
        e = prom_query_escape(q, text);
    if (e == ERR_OK && open)
        return buf_append_z(q, ".*");
    return e == ERR_OK && suffixes ? buf_append_z(q, "(_bucket|_sum|_count)?") : e;
}

static enum err append_matchers(struct buf *q, const char *jobs, const char *match)
{
    enum err e = jobs[0] != '\0' ? buf_printf(q, ",job=~\"%s\"", jobs) : ERR_OK;
    if (e == ERR_OK && match != NULL && match[0] != '\0')
        e = buf_printf(q, ",%s", match);
    return e == ERR_OK ? buf_append_char(q, '}') : e;
}

/* {__name__=~"...",...} of everything p reads. */
static enum err selector(struct buf *q, const struct profile *p, const char *jobs, const char *match)
{
    enum err e = buf_append_z(q, "{__name__=~\"process_start_time_seconds");
    for (size_t i = 0; i < p->metric_count && e == ERR_OK; i++) {
        const struct profile_metric *m = &p->metrics[i];
        if (i > 0 && strcmp(p->metrics[i - 1].name, m->name) == 0) /* several rows of one name stand together */
            continue;
        e = append_name(q, m->name, false, profile_metric_kind(m) == KIND_HISTOGRAM);
    }
    if (e == ERR_OK)
        e = buf_append_char(q, '"');
    return e == ERR_OK ? append_matchers(q, jobs, match) : e;
}

static enum err finish(struct buf *form, struct buf *q, enum err e)
{
    if (e == ERR_OK)
        e = append_form(form, "query", buf_str(q));
    buf_fini(q);
    return e;
}

enum err prom_query_discover(struct buf *form, const struct profiles *ps, const char *match, int64_t t_ms)
{
    struct buf q;
    buf_init(&q, SELECTOR_MAX);
    buf_reset(form);
    bool first = true;
    enum err e = buf_append_z(&q, "count by (__name__,job,instance)({__name__=~\"");
    for (size_t i = 0; i < ps->count; i++) {
        for (size_t k = 0; k < ps->list[i].recognise_count && e == ERR_OK; k++) {
            e = append_name(&q, ps->list[i].recognise[k], first, true);
            first = false;
        }
    }
    if (e == ERR_OK)
        e = buf_append_char(&q, '"');
    if (e == ERR_OK)
        e = append_matchers(&q, "", match);
    if (e == ERR_OK)
        e = buf_append_char(&q, ')');
    e = finish(form, &q, e);
    return e == ERR_OK ? append_time(form, "time", t_ms) : e;
}

enum err prom_query_window(struct buf *form, const struct profile *p, const char *jobs, const char *match, int64_t t_ms, int64_t window_ms)
{
    struct buf q;
    buf_init(&q, SELECTOR_MAX);
    buf_reset(form);
    enum err e = selector(&q, p, jobs, match);
    if (e == ERR_OK)
        e = buf_printf(&q, "[%lldms]", (long long)window_ms);
    e = finish(form, &q, e);
    return e == ERR_OK ? append_time(form, "time", t_ms) : e;
}

enum err prom_query_names(struct buf *form, const struct profile *p, const char *jobs, const char *match, int64_t t_ms)
{
    struct buf q;
    buf_init(&q, SELECTOR_MAX);
    buf_reset(form);
    enum err e = buf_append_z(&q, "count by (__name__)(");
    if (e == ERR_OK)
        e = selector(&q, p, jobs, match);
    if (e == ERR_OK)
        e = buf_append_char(&q, ')');
    e = finish(form, &q, e);
    return e == ERR_OK ? append_time(form, "time", t_ms) : e;
}

enum err prom_query_steps(struct buf *form, const struct profile *p, const char *jobs, const char *match, int64_t t_ms, int64_t window_ms,
                          int64_t step_ms)
{
    struct buf q;
    buf_init(&q, SELECTOR_MAX);
    buf_reset(form);
    enum err e = finish(form, &q, selector(&q, p, jobs, match));
    if (e == ERR_OK)
        e = append_time(form, "start", t_ms - window_ms + step_ms);
    if (e == ERR_OK)
        e = append_time(form, "end", t_ms);
    return e == ERR_OK ? append_time(form, "step", step_ms) : e;
}
