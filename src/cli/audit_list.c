/* SPDX-License-Identifier: MIT */
#include "cli/audit.h"

#include "base/timefmt.h"
#include "ui/draw/mask.h"

static const int64_t week_ms = 7 * (int64_t)86400000;

static void print_row(const struct vaudit_row *r, const struct cli_io *io)
{
    char at[TIMEFMT_MAX];

    instant_format_iso(instant_floor(r->at_ms, 1000), at);
    if (r->id == 0)
        cli_print(io, "   -  %s  %s", at, r->author);
    else
        cli_print(io, "%4lld  %s  %s", (long long)r->id, at, r->author);
    cli_print(io, "%s%s%s  %s", r->origin[0] != '\0' ? " (says " : "", r->origin, r->origin[0] != '\0' ? ")" : "", r->verb);
    if (r->incident != 0)
        cli_print(io, " #%lld", (long long)r->incident);
    if (r->under != 0)
        cli_print(io, " (told under #%lld)", (long long)r->under);
    cli_print(io, "%s%s", r->text[0] != '\0' ? ": " : "", r->text);
    if (r->before[0] != '\0' || r->after[0] != '\0')
        cli_print(io, "  [%s -> %s]", r->before[0] != '\0' ? r->before : "not known", r->after[0] != '\0' ? r->after : "not known");
    cli_print(io, r->id == 0 ? "  (waits to be taken in)\n" : "\n");
}

static void print_list(const struct view_audit *v, const struct cli_store *s)
{
    char from[TIMEFMT_MAX];

    cli_print_header(s);
    instant_format_iso(instant_floor(v->from_ms, 1000), from);
    if (v->earlier > 0)
        cli_print(&s->io, "%zu more acts since %s are older than these; --at goes back to them\n", v->earlier, from);
    if (v->row_count == 0)
        cli_print(&s->io, "nothing was said since %s\n", from);
    for (size_t i = 0; i < v->row_count; i++)
        print_row(&v->rows[i], &s->io);
}

static int json_list(const struct view_audit *v, const struct cli_store *s)
{
    struct buf out;
    struct json w;

    cli_json_report(&w, &out, s);
    cli_json_instant(&w, "from", v->from_ms);
    json_i64(&w, "earlier", (int64_t)v->earlier);
    json_array(&w, "acts");
    for (size_t i = 0; i < v->row_count; i++) {
        const struct vaudit_row *r = &v->rows[i];
        json_object(&w, NULL);
        if (r->id == 0)
            json_null(&w, "id");
        else
            json_i64(&w, "id", r->id);
        cli_json_instant(&w, "at", r->at_ms);
        cli_json_instant(&w, "known", r->known_ms);
        json_string(&w, "author", r->author);
        json_string(&w, "origin", r->origin[0] != '\0' ? r->origin : NULL);
        json_string(&w, "verb", r->verb);
        json_i64(&w, "incident", r->incident);
        if (r->under == 0)
            json_null(&w, "told_under");
        else
            json_i64(&w, "told_under", r->under);
        cli_json_text(&s->io, &w, "text", r->text);
        cli_json_text(&s->io, &w, "before", r->before[0] != '\0' ? r->before : NULL);
        cli_json_text(&s->io, &w, "after", r->after[0] != '\0' ? r->after : NULL);
        json_end(&w);
    }
    json_end(&w);
    json_end(&w);
    return cli_print_json(&s->io, "audit", &w, &out);
}

int cli_audit_list(const struct cli_where *w, const struct cli_io *io)
{
    struct errctx ctx = {.text = ""};
    struct view_audit v;
    struct cli_store s;
    int status = EXIT_OK;

    enum err e = cli_open(w, DIM_MODEL, week_ms, &s, io, &ctx);
    if (e == ERR_OK)
        e = view_load_audit(&s.loader, &s.params, &v, &ctx);
    if (e != ERR_OK)
        status = cli_fail(io, e, &ctx);
    else if (w->json)
        status = json_list(&v, &s);
    else
        print_list(&v, &s);
    cli_close(&s);
    return status;
}
