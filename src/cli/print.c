/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/safe_text.h"
#include "base/timefmt.h"
#include "ui/draw/frame.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"

enum { PRINT_MAX = 16 * 1024 };

void cli_print(const struct cli_io *io, const char *fmt, ...)
{
    char text[PRINT_MAX], masked[PRINT_MAX], safe[PRINT_MAX];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    (void)mask_text(io->mask, text, masked, sizeof masked);
    for (const char *line = masked; *line != '\0';) {
        size_t n = strcspn(line, "\n");
        safe_text(safe, sizeof safe, (struct str){line, n});
        fputs(safe, io->out);
        line += n;
        if (*line == '\n') {
            fputc('\n', io->out);
            line++;
        }
    }
}

/* Live or not, and how old what is shown is, in the words of the console's header. */
static void freshness(const struct view_frame *f, char out[128])
{
    char at[TIMEFMT_MAX], age[NUMFMT_MAX], recorder[FRAME_TEXT_MAX];
    const char *missing = frame_recorder_text(f, recorder);
    instant_format_iso(instant_floor(f->cursor_ms, 1000), at);
    if (!f->live)
        (void)str_format(out, 128, "AT %s (-%s)  as known then", at, numfmt_duration(f->now_ms - f->cursor_ms, age));
    else if (f->ended_ms != 0)
        (void)str_format(out, 128, "%s  recording ended, as of its end", at);
    else if (missing[0] != '\0')
        (void)str_format(out, 128, "%s  %s", at, missing);
    else if (f->data_age_ms < 0)
        (void)str_format(out, 128, "%s  NO DATA YET", at);
    else if (f->sources_ok + f->sources_partial + f->sources_watching == 0 && f->sources_sawtooth > 0)
        (void)str_format(out, 128, "%s  COUNTS UNKNOWN", at);
    else if (f->sources_ok + f->sources_watching_part == 0 && f->sources_partial > 0)
        (void)str_format(out, 128, "%s  PARTIAL", at);
    else if (f->sources_ok + f->sources_watching_part == 0 && f->sources_watching > 0)
        (void)str_format(out, 128, "%s  WATCHING", at);
    else if (f->sources_ok + f->sources_watching_part == 0)
        (void)str_format(out, 128, "%s  DATA %s OLD", at, numfmt_age(f->data_age_ms, age));
    else
        (void)str_format(out, 128, "%s  LIVE %s", at, numfmt_age(f->data_age_ms, age));
}

static bool is_filtered(const struct cli_store *s)
{
    return s->params.filter[0] != '\0';
}

void cli_print_title(const struct cli_store *s)
{
    const struct view_frame *f = &s->frame;
    char fresh[128];
    freshness(f, fresh);
    cli_print(&s->io, "gwtop %s%s%s%s%s%s  %s  sources %u/%u%s\n", f->gateway, f->demo ? " DEMO" : "",
              f->snapshot_text != NULL ? "  SNAPSHOT " : "", f->snapshot_text != NULL ? f->snapshot_text : "",
              is_filtered(s) ? "  filter " : "", s->params.filter, fresh, view_answering(f), f->sources_all, f->kept ? "" : "  NOT KEPT");
}

void cli_print_header(const struct cli_store *s)
{
    cli_print_title(s);
    if (s->frame.late_text[0] != '\0')
        cli_print(&s->io, "%s\n", s->frame.late_text);
}

void cli_print_unsplit(const struct cli_store *s)
{
    if (s->frame.unsplit_text[0] != '\0')
        cli_print(&s->io, "\n%s\n", s->frame.unsplit_text);
}

void cli_json_report(struct json *w, struct buf *out, const struct cli_store *s)
{
    const struct view_frame *f = &s->frame;
    buf_init(out, CLI_JSON_MAX);
    json_begin(w, out, true);
    json_object(w, NULL);
    json_string(w, "gateway", f->gateway);
    cli_json_instant(w, "at", f->cursor_ms);
    json_bool(w, "live", f->live && f->ended_ms == 0);
    json_bool(w, "ended", f->ended_ms != 0);
    json_bool(w, "demo", f->demo);
    cli_json_text(&s->io, w, "snapshot", f->snapshot_text);
    cli_json_text(&s->io, w, "filter", s->params.filter);
    json_array(w, "not_split_by_filter");
    for (int i = 0; i < SIG_COUNT; i++)
        if ((f->unsplit >> i & 1) != 0)
            json_string(w, NULL, signal_info((enum signal)i)->name);
    json_end(w);
    if (f->data_age_ms >= 0)
        json_i64(w, "data_age_ms", f->data_age_ms);
    else
        json_null(w, "data_age_ms");
    json_string(w, "recorder_state",
                f->ended_ms != 0       ? "ended"
                : !f->recorder_running ? "none"
                : f->recorder_silent   ? "silent"
                                       : "running");
    cli_json_instant(w, "recorder_wrote", f->recorder_wrote_ms); /* null while it runs */
    json_array(w, "made_good_later");
    for (size_t i = 0; i < f->late_count; i++) {
        json_object(w, NULL);
        json_string(w, "source", f->late[i].source);
        cli_json_instant(w, "from", f->late[i].from_ms);
        cli_json_instant(w, "to", f->late[i].to_ms);
        cli_json_instant(w, "known", f->late[i].known_ms);
        json_end(w);
    }
    json_end(w);
}

void cli_json_nothing(const struct cli_store *s)
{
    struct buf out;
    struct json w;

    cli_json_report(&w, &out, s);
    cli_json_text(&s->io, &w, "nothing", s->frame.verdict.sentence);
    json_end(&w);
    (void)cli_print_json(&s->io, "nothing", &w, &out); /* what is told apart from it is the exit status */
}

void cli_json_text(const struct cli_io *io, struct json *w, const char *key, const char *text)
{
    char masked[PRINT_MAX];
    json_string(w, key, io->mask && text != NULL ? mask_text(true, text, masked, sizeof masked) : text);
}

void cli_json_incident(const struct cli_io *io, struct json *w, const struct vincident *v)
{
    json_i64(w, "id", v->in.id);
    cli_json_text(io, w, "title", v->in.title);
    cli_json_text(io, w, "scope", v->in.scope);
    json_string(w, "severity", severity_name(v->in.severity));
    json_string(w, "severity_now", v->present != SEV_NONE ? severity_name(v->present) : NULL);
    json_string(w, "state", incident_state_name(v->in.state));
    json_string(w, "state_said_by", v->said_by[0] != '\0' ? v->said_by : NULL);
    cli_json_instant(w, "state_said", v->said_ms);
    json_string(w, "owner", v->in.owner);
    cli_json_text(io, w, "next_step", v->next_step);
    cli_json_instant(w, "snoozed_until", v->snoozed_until_ms);
    cli_json_text(io, w, "snooze_reason", v->snoozed_until_ms != 0 ? v->snooze_reason : "");
}

void cli_json_suspects(const struct cli_io *io, struct json *w, const struct vsuspect *list, size_t count, const char *note)
{
    json_array(w, "suspects");
    for (size_t i = 0; i < count; i++) {
        json_object(w, NULL);
        cli_json_text(io, w, "title", list[i].title);
        cli_json_text(io, w, "reason", list[i].reason);
        cli_json_text(io, w, "beside", list[i].reason2);
        json_bool(w, "weak", list[i].weak);
        json_end(w);
    }
    json_end(w);
    cli_json_text(io, w, "suspect_note", note);
}

void cli_print_suspects(const struct cli_io *io, const struct vsuspect *list, size_t count, const char *note)
{
    if (note[0] != '\0')
        cli_print(io, "%s: %s\n", count > 0 ? "suspects by their time alone, for of the traffic" : "no suspect", note);
    for (size_t i = 0; i < count; i++)
        cli_print(io, "suspect %zu: %s: %s\n", i + 1, list[i].title, list[i].reason);
}

void cli_json_pages(const struct cli_io *io, struct json *w, const struct vpage *list, size_t count)
{
    static const char *const states[] = {[VPAGE_CLEAR] = "nothing posted", [VPAGE_POSTED] = "posted", [VPAGE_UNKNOWN] = "unknown"};
    json_array(w, "status_pages");
    for (size_t i = 0; i < count; i++) {
        const struct vpage *g = &list[i];
        json_object(w, NULL);
        json_string(w, "provider", g->provider);
        json_string(w, "source", g->source);
        json_string(w, "state", states[g->state]);
        cli_json_instant(w, "since", g->since_ms);
        cli_json_instant(w, "checked", g->checked_ms);
        cli_json_text(io, w, "text", g->said);
        json_array(w, "posted");
        for (size_t k = 0; k < g->posted_count; k++) {
            json_object(w, NULL);
            cli_json_text(io, w, "text", g->posted[k].text);
            json_string(w, "impact", g->posted[k].impact != PAGE_NONE ? page_impact_name(g->posted[k].impact) : NULL);
            cli_json_instant(w, "since", g->posted[k].since_ms);
            json_string(w, "url", g->posted[k].url[0] != '\0' ? g->posted[k].url : NULL);
            json_end(w);
        }
        json_end(w);
        json_end(w);
    }
    json_end(w);
}

void cli_print_pages(const struct cli_io *io, const struct vpage *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cli_print(io, "%s\n", list[i].text);
}

void cli_json_instant(struct json *w, const char *key, int64_t ms)
{
    char at[TIMEFMT_MAX];
    if (ms > 0)
        instant_format_iso(ms, at);
    json_string(w, key, ms > 0 ? at : NULL);
}

void cli_json_error(struct json *w, const char *key, int64_t error_ms)
{
    if (error_ms > 0)
        json_f64(w, key, (double)error_ms / 1000);
    else
        json_null(w, key);
}

const char *cli_exactness(enum exactness e)
{
    return e == EXACT ? "=" : exact_mark(e);
}

int cli_print_json(const struct cli_io *io, const char *command, struct json *w, struct buf *out)
{
    bool ok = w->err == ERR_OK;
    if (ok)
        fprintf(io->out, "%.*s\n", (int)out->len, out->data);
    else
        fprintf(io->err, "gwtop %s: the answer is larger than %d MB\n", command, CLI_JSON_MAX >> 20);
    buf_fini(out);
    return ok ? EXIT_OK : EXIT_FAILED;
}

void cli_csv_text(const struct cli_io *io, const char *raw)
{
    char safe[CLI_CELL_MAX];
    const char *z = safe;
    safe_text(safe, sizeof safe, str_of(raw));
    fputc('"', io->out);
    if (*z == '=' || *z == '+' || *z == '-' || *z == '@')
        fputc('\'', io->out);
    for (; *z != '\0'; z++) {
        if (*z == '"')
            fputc('"', io->out);
        fputc(*z, io->out);
    }
    fputc('"', io->out);
}

void cli_csv_bool(const struct cli_io *io, bool v)
{
    cli_print(io, v ? ",true" : ",false");
}

void cli_csv_number(const struct cli_io *io, double v)
{
    if (isfinite(v))
        cli_print(io, ",%.10g", v);
    else
        cli_print(io, ",");
}

void cli_print_duties(const struct cli_io *io, const struct rule_info *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct duty *d = &list[i].duty;
        const struct {
            const char *word, *value;
        } lines[] = {{"runbook", d->runbook}, {"owner", d->owner}, {"contact", d->contact}};
        for (size_t k = 0; k < sizeof lines / sizeof *lines; k++)
            if (lines[k].value != NULL)
                cli_print(io, "%-15s %s (%s)\n", lines[k].word, lines[k].value, rule_info_name(&list[i]));
    }
}
