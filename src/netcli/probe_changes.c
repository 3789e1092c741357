/* SPDX-License-Identifier: MIT */
#include "netcli/probe_changes.h"

#include "base/safe_text.h"

static bool on_event(void *ctx, const struct source_change *c)
{
    struct probe_changes *p = ctx;
    if (p->total++ >= PROBE_CHANGES_SHOWN)
        return true;
    struct probe_change *one = &p->list[p->count++];
    *one = (struct probe_change){.at_ms = c->at_ms, .kind = c->kind};
    (void)str_copy(one->scope, sizeof one->scope, str_of(c->scope));
    (void)str_copy(one->text, sizeof one->text, str_of(c->text));
    return true;
}

static bool on_page(void *ctx, const struct status_page *g)
{
    struct probe_changes *p = ctx;
    p->is_page = true;
    p->posted = g->count;
    (void)str_format(p->said, sizeof p->said, "%s%s",
                     g->unclear[0] != '\0' ? "not known: "
                     : g->count > 0        ? "posted: "
                                           : "nothing posted",
                     g->unclear[0] != '\0' ? g->unclear
                     : g->count > 0        ? g->posted[0].text
                                           : "");
    return true;
}

static void on_warning(void *ctx, size_t line, const char *what, struct str text)
{
    struct probe_changes *p = ctx;
    char raw[sizeof p->warning];
    (void)line;
    if (p->warning_count++ > 0)
        return;
    (void)str_format(raw, sizeof raw, "%.*s %s", (int)(text.n < 100 ? text.n : 100), text.p, what);
    (void)safe_text(p->warning, sizeof p->warning, str_of(raw));
}

void probe_changes_init(struct probe_changes *p, const struct config_source *source)
{
    *p = (struct probe_changes){.source = source};
    p->sink = (struct source_sink){.ctx = p, .warning = on_warning, .event = on_event, .page = on_page};
}
