/* SPDX-License-Identifier: MIT */
/* The recorder writes what its profiles say of each signal as the note "profile_notes" (record/profile_notes.h): {"litellm": {"ttft": "..."}}. */
#include "view/vparts.h"

#include <string.h>

enum err vnotes_load(struct vread *vr, const struct yaml_node **ret)
{
    struct str text;
    *ret = NULL;
    enum err e = store_note(vr->l->st, "profile_notes", INT64_MAX, vr->l->arena, &text);
    if (e == ERR_OK)
        e = yaml_parse(text, "profile_notes", vr->l->arena, ret, NULL);
    return e == ERR_NOMEM || e == ERR_LIMIT ? e : ERR_OK; /* a note that cannot be read says nothing */
}

/* The profile's word on a signal, NULL when it has none. */
static const struct yaml_node *word_of(const struct yaml_node *notes, const char *profile, enum signal signal)
{
    const struct yaml_node *of = notes->kind == YAML_MAPPING ? yaml_get(notes, profile) : NULL;
    const struct yaml_node *word = of != NULL && of->kind == YAML_MAPPING ? yaml_get(of, signal_info(signal)->name) : NULL;
    return word != NULL && word->kind == YAML_SCALAR ? word : NULL;
}

const char *vnotes_of(struct vread *vr, const struct yaml_node *notes, enum signal signal)
{
    const char *text = "";
    for (size_t i = 0; notes != NULL && i < vr->source_count; i++) {
        const char *profile = vr->sources[i].profile;
        bool said = vread_is_gone(vr, i) || (store_source_signals(vr->l->st, vr->sources[i].id) >> signal & 1) == 0 ||
                    (vr->rulings[i].kept >> signal & 1) != 0;
        for (size_t k = 0; k < i && !said; k++)
            said = strcmp(vr->sources[k].profile, profile) == 0;
        const struct yaml_node *word = said ? NULL : word_of(notes, profile, signal);
        if (word == NULL)
            continue;
        text = arena_printf(vr->l->arena, "%s%s%s: %.*s", text, text[0] != '\0' ? "; " : "", profile, (int)word->text.n, word->text.p);
        if (text == NULL)
            return NULL;
    }
    return text[0] != '\0' ? text : signal_info(signal)->help;
}
