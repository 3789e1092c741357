/* SPDX-License-Identifier: MIT */
/* store -> views. One function per view; the caller owns the arena and keeps it as long as the view is shown.
 *
 * Loaders read only; several calls inside one store_snapshot see one picture. Errors: the store's, among them ERR_LIMIT past
 * 20,000 groups; ERR_NOMEM when the arena is full. Each says in the errctx what it was reading. */
#ifndef GWTOP_VIEW_LOAD_H
#define GWTOP_VIEW_LOAD_H

#include "base/arena.h"
#include "config/config.h"
#include "model/act.h"
#include "store/store.h"
#include "view/view_alerts.h"
#include "view/view_audit.h"
#include "view/view_cost.h"
#include "view/view_differs.h"
#include "view/view_events.h"
#include "view/view_handoff.h"
#include "view/view_hosting.h"
#include "view/view_incidents.h"
#include "view/view_latency.h"
#include "view/view_overview.h"
#include "view/view_quality.h"
#include "view/view_report.h"
#include "view/view_rules.h"
#include "view/view_sources.h"
#include "view/view_traffic.h"
#include "view/view_whatif.h"

/* What several views of one reading look for: who asks second has the first one's answer. Zeroed for each reading; what is in it is the
 * arena's of who asked first. */
struct view_memo {
    const struct arena *arena; /* NULL: nobody has asked for suspects */
    struct view_params params;
    struct view_differs_ask ask;
    const struct vsuspect *suspects;
    size_t count;
    const char *note;
};

/* What every loader needs. cfg may have no file behind it (budgets and names are then empty). What was read on the way to a view is
 * many times as large as the view: it is put into scratch, into which no view points, so that it can be given back once the view is
 * there. */
struct view_loader {
    struct store *st;
    const struct config *cfg;
    struct arena *arena;    /* views */
    struct arena *scratch;  /* may be the same */
    struct view_memo *memo; /* NULL: everybody looks for himself */
};

/* What consoles and commands ask for unless told otherwise: the "now" column, how far back "then" is, and columns where there is no
 * screen. */
enum { VIEW_NOW_WINDOW_MS = 300000, VIEW_COMPARE_MS = 7 * 86400000, VIEW_COLUMNS = 60 };

/* Opens what is being recorded for path: while its file cannot be written that is the recorder's ring store (its frame says NOT KEPT), else
 * the file. Errors: those of store_open_reader for the file. */
enum err view_open_store(const char *path, struct store **ret, struct errctx *ctx) GW_MUST_USE;
/* Where the configuration says nothing of prices, hosting and energy, takes what the recorder was told of them; of a snapshot that and the
 * gateway's name whatever it says. A note that cannot be read is none: tokens have no price then, and every amount says so. */
void view_take_config(struct store *st, struct config *cfg);
#define VIEW_PRICES_NOTE "price_list" /* of a snapshot: the list that served where it was taken, where that was not the built-in one */
/* What a snapshot is, from its note. False where the store is none, or the note is damaged. */
struct vsnapshot {
    const char *by, *of, *gateway; /* "ann", "" = hidden; "#42 gpt-x errors" */
    int64_t made_ms, from_ms, to_ms;
    int64_t incident; /* that it was taken of; 0 = of a time */
};
bool view_snapshot(struct store *st, struct arena *a, struct vsnapshot *ret);
/* Where a snapshot of an incident is opened: when the incident had done what it did, and it was known of it; 0 where it is of none, or of
 * one that goes on. Cost: the incidents of the store are read into a. */
int64_t view_snapshot_moment(struct store *st, struct arena *a, const struct vsnapshot *of);
/* False when the other of the two should be open by now. Cost: a lock is looked at. */
bool view_store_is_current(const struct store *st, const char *path);

/* The sentence when view_open_store finds nothing and no source is configured that would make it. Returns ERR_NOTFOUND. */
enum err view_nothing_recorded(const char *path, struct errctx *ctx);

/* Sets the clock, the cursor and live from --at; NULL, or an instant that is not yet over, is now. Errors: ERR_USAGE. */
enum err view_params_at(struct view_params *p, const char *at, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;

/* The clock of a store: real time, or the demo's scaled clock from the note "clock"; ended recordings stand still at their end.
 * now_ms in: the system's wall clock. */
int64_t view_now(struct store *st, int64_t system_wall_ms, bool *ret_ended);

/* Fills the frame's recorder_ members; its cursor and end are there already. Costs a look at two files, and at the newest
 * statuses where nothing is written any more. */
void view_recorder(struct store *st, int64_t now_ms, struct view_frame *f);

/* When the recording was closed for good (a finished demo, a snapshot), from the note "ended". ERR_NOTFOUND when it was not, or the note is
 * no instant; *ret untouched then. */
enum err view_ended(struct store *st, struct arena *a, int64_t *ret_ms) GW_MUST_USE;

/* Fills the axis from params: steps are round (1,2,5,10,15,20,30 s; 1,2,5,... min) and aligned, so that a chart moves by whole columns. */
void view_axis_make(const struct view_params *p, struct view_axis *ret);

/* What every report begins with. Of the frame, what takes reads of samples is missing: the verdict has no words unless it is that nothing
 * can be told, `measured` is "", and there are no findings and no marks. */
enum err view_load_header(const struct view_loader *l, const struct view_params *p, struct view_frame *ret, struct errctx *ctx) GW_MUST_USE;
enum err view_load_frame(const struct view_loader *l, const struct view_params *p, struct view_frame *ret, struct errctx *ctx) GW_MUST_USE;
enum err view_load_overview(const struct view_loader *l, const struct view_params *p, struct view_overview *ret,
                            struct errctx *ctx) GW_MUST_USE;
enum err view_load_traffic(const struct view_loader *l, const struct view_params *p, struct view_traffic *ret,
                           struct errctx *ctx) GW_MUST_USE;
enum err view_load_latency(const struct view_loader *l, const struct view_params *p, const struct view_latency_ask *what,
                           struct view_latency *ret, struct errctx *ctx) GW_MUST_USE;
enum err view_load_cost(const struct view_loader *l, const struct view_params *p, struct view_cost *ret, struct errctx *ctx) GW_MUST_USE;
/* From words: to NULL = a cache; share "30%" or "30". The names are borrowed. Errors: ERR_USAGE. */
enum err view_whatif_ask_make(const char *from, const char *to, const char *share, struct view_whatif_ask *ret,
                              struct errctx *ctx) GW_MUST_USE;
/* Of p's window. Errors: ERR_NOTFOUND where nothing of the model is recorded, with the name that comes nearest; those of reading a price
 * list. */
enum err view_load_whatif(const struct view_loader *l, const struct view_params *p, const struct view_whatif_ask *what,
                          struct view_whatif *ret, struct errctx *ctx) GW_MUST_USE;
/* Of p's window; what the configuration says of GPUs is read at each hour's own date. The screen's filter does not apply: a pool has its
 * scope. */
enum err view_load_hosting(const struct view_loader *l, const struct view_params *p, struct view_hosting *ret,
                           struct errctx *ctx) GW_MUST_USE;
enum err view_load_quality(const struct view_loader *l, const struct view_params *p, struct view_quality *ret,
                           struct errctx *ctx) GW_MUST_USE;
/* The newest 200 and all that are open, and the one that is selected, however old it is. What is open stands first: pages before tickets,
 * what nobody took before what somebody did, what lost most, the newest; then what is over, the newest first. */
enum err view_load_incidents(const struct view_loader *l, const struct view_params *p, int64_t selected, struct view_incidents *ret,
                             struct errctx *ctx) GW_MUST_USE;
/* The same with the detail of one row of the list, 0 = the first; of the last one where there are fewer. */
enum err view_load_incidents_row(const struct view_loader *l, const struct view_params *p, size_t row, struct view_incidents *ret,
                                 struct errctx *ctx) GW_MUST_USE;
/* All that were not over at a moment, without a detail. */
enum err view_load_incidents_since(const struct view_loader *l, const struct view_params *p, int64_t since_ms, struct view_incidents *ret,
                                   struct errctx *ctx) GW_MUST_USE;
/* The report on an incident, as known at the cursor; its figures are of the incident's own time; of one that is told under another it is
 * the other's, which says so. A filter that the incident has a part in changes nothing. Errors: ERR_NOTFOUND: there is none of that
 * number, or the filter has no part in it. Cost: those of the incident's detail, its objectives and its cost. */
enum err view_load_report(const struct view_loader *l, const struct view_params *p, int64_t id, struct view_report *ret,
                          struct errctx *ctx) GW_MUST_USE;
/* The handover of the shift that is p's window and ends at the cursor. baking_ms: how young a change must be to be told. Errors: the
 * store's. Cost: those of the incidents' list and of the cost of the shift. */
enum err view_load_handoff(const struct view_loader *l, const struct view_params *p, int64_t baking_ms, struct view_handoff *ret,
                           struct errctx *ctx) GW_MUST_USE;
/* What was said in p's window; the last 300. Cost: two readings of the incidents per act. */
enum err view_load_audit(const struct view_loader *l, const struct view_params *p, struct view_audit *ret, struct errctx *ctx) GW_MUST_USE;
/* One without its detail: its state, owner, next step and snooze. Errors: ERR_NOTFOUND with the sentence. */
enum err view_load_incident(const struct view_loader *l, const struct view_params *p, int64_t id, struct vincident *ret,
                            struct errctx *ctx) GW_MUST_USE;
/* Of which incident an act on this one is said: of the one that it is told under, but for words on its own entries. Errors: ERR_USAGE with
 * the sentence where the act would put that one off, or end it: nobody puts a page off by the number of a part of it. */
enum err view_said_of(const struct incident *in, enum act_verb verb, int64_t *ret, struct errctx *ctx) GW_MUST_USE;
/* What a pager says of incident id. Errors: ERR_NOTFOUND with the sentence. */
enum err view_load_pager(const struct view_loader *l, const struct view_params *p, int64_t id, struct view_pager *ret,
                         struct errctx *ctx) GW_MUST_USE;
/* Alerts that are not over, or were within the last day. */
enum err view_load_alerts(const struct view_loader *l, const struct view_params *p, struct view_alerts *ret,
                          struct errctx *ctx) GW_MUST_USE;
/* Whether the incident has the entry that text begins with ("t12 the text"). Errors: ERR_NOTFOUND, ERR_USAGE, with the sentence. */
enum err view_find_entry(const struct view_loader *l, const struct view_params *p, int64_t id, const char *text,
                         struct errctx *ctx) GW_MUST_USE;
enum err view_load_events(const struct view_loader *l, const struct view_params *p, struct view_events *ret,
                          struct errctx *ctx) GW_MUST_USE;
/* What could fire at the cursor, as the recorder wrote it down. */
enum err view_rule_list(const struct view_loader *l, const struct view_params *p, struct rule_info **ret, size_t *ret_count,
                        struct errctx *ctx) GW_MUST_USE;
/* The same with how each stands and its record of reach_ms before the cursor; alerts of no rule that is known are listed by their own. The
 * filter does not apply. */
enum err view_load_rules(const struct view_loader *l, const struct view_params *p, int64_t reach_ms, struct view_rules *ret,
                         struct errctx *ctx) GW_MUST_USE;
enum err view_load_sources(const struct view_loader *l, const struct view_params *p, struct view_sources *ret,
                           struct errctx *ctx) GW_MUST_USE;

enum err view_load_slos(const struct view_loader *l, const struct view_params *p, struct view_slos *ret, struct errctx *ctx) GW_MUST_USE;
/* How fast a budget burns: "380x", ">=49x" where the threshold lies inside a bucket, "~2.0x" of some of its sources only, "0.05x"; "n/a"
 * without requests. */
enum { VIEW_BURN_MAX = 40 };
const char *view_burn_text(const struct vnum *burn, char out[VIEW_BURN_MAX]);
/* What one asks at a cursor: since the trouble began against the hour before it, where a rule fires; else the now window against the same
 * time before, or against the time before it where that is not recorded. */
enum err view_differs_usual(const struct view_loader *l, const struct view_params *p, struct view_differs_ask *ret,
                            struct errctx *ctx) GW_MUST_USE;
/* The same for the window (t0, t1], t1 0: the usual one, and a baseline. One that there is not (nothing fires) is no error: ret->none says
 * why. */
enum err view_differs_against(const struct view_loader *l, const struct view_params *p, int64_t t0_ms, int64_t t1_ms,
                              enum differs_base base, struct view_differs_ask *ret, struct errctx *ctx) GW_MUST_USE;
/* The trouble of a scope ("model=gpt-x") that began at onset_ms, until t1_ms, against the hour before it. */
enum err view_differs_since(const struct view_loader *l, int64_t onset_ms, int64_t t1_ms, const char *scope, struct view_differs_ask *ret,
                            struct errctx *ctx) GW_MUST_USE;
/* ask: both windows; p: the cursor and the filter. Errors: ERR_LIMIT past 20,000 combinations. */
enum err view_load_differs(const struct view_loader *l, const struct view_params *p, const struct view_differs_ask *ask,
                           struct view_differs *ret, struct errctx *ctx) GW_MUST_USE;

/* "team=search model=gpt-x,gpt-y" -> conditions; a value with a blank, a comma or a quote stands in quotes, team="blue whale", a quote in
 * it twice. Errors: ERR_USAGE naming the word and the dimensions there are, ERR_NOMEM. A value nobody has seen is not an error: it matches
 * nothing. */
enum err view_filter_parse(const char *text, struct store *st, struct arena *a, struct store_filter *ret, struct errctx *ctx) GW_MUST_USE;
/* The next word of such a text, which moves on; n 0 at its end. */
struct str view_filter_word(const char **text);
/* "team=search", quoted where it must be. False when it does not fit. */
bool view_filter_condition(enum dim d, struct str value, char *out, size_t cap);

#endif
