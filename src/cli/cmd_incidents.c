/* SPDX-License-Identifier: MIT */
/* gwtop incidents: the list, or one with its timeline, impact and suspects. */
#include "cli/commands.h"

#include <string.h>

#include "base/timefmt.h"

static void print_list(const struct view_incidents *v, const struct cli_io *io)
{
    struct cli_table t;
    char at[TIMEFMT_MAX];

    if (v->rules_text[0] != '\0')
        cli_print(io, "%s\n", v->rules_text);
    if (v->count == 0) {
        cli_print(io, "no incident recorded\n");
        return;
    }
    cli_table_init(&t, 6, 1);
    static const char *const heads[] = {"#", "severity", "state", "since", "lasted", "what"};
    for (size_t i = 0; i < 6; i++)
        cli_table_cell(&t, "%s", heads[i]);
    for (size_t i = 0; i < v->count; i++) {
        const struct vincident *in = &v->list[i];
        instant_format_iso(in->in.onset_ms != 0 ? in->in.onset_ms : in->in.opened_ms, at);
        cli_table_cell(&t, "%lld", (long long)in->in.id);
        cli_table_cell(&t, "%s", severity_name(in->in.severity));
        cli_table_cell(&t, "%s", incident_state_name(in->in.state));
        cli_table_cell(&t, "%s", at);
        cli_table_cell(&t, "%s", in->duration_text);
        cli_table_cell(&t, "%s", in->in.title);
    }
    cli_table_print(&t, io->out);
}

static void print_detail(const struct view_incidents *v, const struct cli_io *io)
{
    const struct vincident *in = v->detail;
    char at[TIMEFMT_MAX];

    cli_print(io, "#%lld %s  %s  %s  %s\n\n", (long long)in->in.id, in->in.title, severity_name(in->in.severity), incident_state_name(in->in.state), in->duration_text);
    for (size_t i = 0; i < v->impact_count; i++)
        cli_print(io, "%s\n", v->impact[i]);
    cli_print(io, "\ntimeline (UTC)\n");
    for (size_t i = 0; i < v->timeline_count; i++) {
        instant_format_iso(v->timeline[i].at_ms, at);
        cli_print(io, "%s  %c %s\n", at, v->timeline[i].letter, v->timeline[i].text);
    }
    for (size_t i = 0; i < v->suspect_count; i++)
        cli_print(io, "%s%zu %s: %s\n", i == 0 ? "\nsuspects (rank, not probability)\n" : "", i + 1, v->suspects[i].title, v->suspects[i].reason);
    for (size_t i = 0; i < v->hit_count; i++)
        cli_print(io, "%s%-20s %llu\n", i == 0 ? "\nwho is hit (failed requests)\n" : "", v->hits[i].team, (unsigned long long)v->hits[i].fail);
    for (size_t i = 0; i < v->act_count; i++)
        cli_print(io, "%s%s\n", i == 0 ? "\nnotes\n" : "", v->acts[i]);
}

static void json_incident(struct json *w, const struct vincident *in)
{
    char at[TIMEFMT_MAX];
    const struct { const char *key; int64_t ms; } times[] = {{"onset", in->in.onset_ms}, {"opened", in->in.opened_ms}, {"resolved", in->in.resolved_ms}};
    json_i64(w, "id", in->in.id);
    json_string(w, "title", in->in.title);
    json_string(w, "scope", in->in.scope);
    json_string(w, "severity", severity_name(in->in.severity));
    json_string(w, "state", incident_state_name(in->in.state));
    for (size_t i = 0; i < 3; i++) {
        if (times[i].ms != 0) {
            instant_format_iso(times[i].ms, at);
            json_string(w, times[i].key, at);
        } else {
            json_null(w, times[i].key);
        }
    }
}

static void json_detail(struct json *w, const struct view_incidents *v)
{
    char at[TIMEFMT_MAX];
    json_incident(w, v->detail);
    if (v->detail->lost_known)
        json_i64(w, "requests_lost", (int64_t)v->detail->lost);
    else
        json_null(w, "requests_lost");
    json_array(w, "timeline");
    for (size_t i = 0; i < v->timeline_count; i++) {
        instant_format_iso(v->timeline[i].at_ms, at);
        json_object(w, NULL);
        json_string(w, "at", at);
        json_string(w, "text", v->timeline[i].text);
        json_string(w, "source", v->timeline[i].source);
        json_end(w);
    }
    json_end(w);
    json_array(w, "suspects");
    for (size_t i = 0; i < v->suspect_count; i++) {
        json_object(w, NULL);
        json_string(w, "title", v->suspects[i].title);
        json_string(w, "reason", v->suspects[i].reason);
        json_end(w);
    }
    json_end(w);
}

static int print_json(const struct view_incidents *v, const struct cli_io *io)
{
    struct buf out;
    struct json w;

    buf_init(&out, CLI_JSON_MAX);
    json_begin(&w, &out, true);
    json_object(&w, NULL);
    if (v->detail != NULL) {
        json_detail(&w, v);
    } else {
        json_array(&w, "incidents");
        for (size_t i = 0; i < v->count; i++) {
            json_object(&w, NULL);
            json_incident(&w, &v->list[i]);
            json_end(&w);
        }
        json_end(&w);
    }
    json_end(&w);
    return cli_print_json(io, "incidents", &w, &out);
}

/* "show 42", "show #42". */
static bool read_id(int *argc, char **argv, int64_t *ret, const struct cli_io *io)
{
    *ret = 0;
    if (*argc < 2 || strcmp(argv[1], "show") != 0)
        return true;
    const char *text = *argc > 2 ? argv[2] + (argv[2][0] == '#') : "";
    if (!str_to_i64(str_of(text), ret) || *ret <= 0) {
        fprintf(io->err, "gwtop incidents show: expected the number of an incident, got '%s'\n", text);
        return false;
    }
    argv[2] = argv[0];
    return true;
}

int cmd_incidents(int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {NULL};
    bool json = false;
    const struct cli_option options[] = {
        {"--config", CLI_TEXT, &w.config}, {"--store", CLI_TEXT, &w.store}, {"--at", CLI_TEXT, &w.at}, {"--json", CLI_FLAG, &json}, {NULL, CLI_FLAG, NULL},
    };
    struct cli_store s;
    struct view_params p;
    struct view_incidents v;
    struct errctx ctx = {.text = ""};
    int64_t id;

    if (!read_id(&argc, argv, &id, io))
        return EXIT_USAGE;
    int skip = id != 0 ? 2 : 0;
    if (!cli_options(argc - skip, argv + skip, options, NULL, io))
        return EXIT_USAGE;
    int status = cli_open(&w, DIM_MODEL, 3600000, &s, &p, io);
    if (status != EXIT_OK)
        return status;
    enum err e = view_load_incidents(&s.loader, &p, id, &v, &ctx);
    if (e != ERR_OK) {
        status = cli_fail(io, e, &ctx);
    } else if (id != 0 && v.detail == NULL) {
        fprintf(io->err, "gwtop incidents: there is no incident #%lld; `gwtop incidents` lists them\n", (long long)id);
        status = EXIT_FAILED;
    } else if (json) {
        status = print_json(&v, io);
    } else if (v.detail != NULL) {
        print_detail(&v, io);
    } else {
        print_list(&v, io);
    }
    cli_close(&s);
    return status;
}
