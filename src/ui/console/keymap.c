/* SPDX-License-Identifier: MIT */
#include "ui/console/keymap.h"

#include <string.h>

#include "base/safe_text.h"
#include "ui/console/terminal.h"

static const struct action_info actions[] = {
#define ACTION_ROW(id, name, keys, label, help) {name, keys, label, help},
    ACTION_TABLE(ACTION_ROW)
#undef ACTION_ROW
};

static const struct {
    const char *name;
    uint32_t key;
} key_names[] = {
    {"Enter", KEY_ENTER_},     {"Esc", KEY_ESC_},   {"Tab", KEY_TAB_},
    {"BackTab", KEY_BACKTAB_}, {"Space", ' '},      {"Backspace", KEY_BACKSPACE_},
    {"Up", KEY_UP_},           {"Down", KEY_DOWN_}, {"Left", KEY_LEFT_},
    {"Right", KEY_RIGHT_},     {"Home", KEY_HOME_}, {"End", KEY_END_},
    {"PgUp", KEY_PGUP_},       {"PgDn", KEY_PGDN_}, {"Delete", KEY_DELETE_},
    {"F1", KEY_F1_},           {"F2", KEY_F2_},     {"F3", KEY_F3_},
    {"F4", KEY_F4_},           {"F5", KEY_F5_},     {"F6", KEY_F6_},
    {"F7", KEY_F7_},           {"F8", KEY_F8_},     {"F9", KEY_F9_},
    {"F10", KEY_F10_},         {"F11", KEY_F11_},   {"F12", KEY_F12_},
};

/* ssh's escape, the prefixes of tmux and screen, flow control, and what terminals and shells keep for themselves. */
static const char never_bound[] = {'~', 'b' & 31, 'a' & 31, 's' & 31, 'q' & 31, 'o' & 31, 'p' & 31, 'g' & 31, 'c' & 31, 'z' & 31};

const struct action_info *action_info(enum action a)
{
    return &actions[a];
}

static bool key_parse(struct str s, uint32_t *ret)
{
    for (size_t i = 0; i < sizeof key_names / sizeof *key_names; i++) {
        if (str_eq_z(s, key_names[i].name)) {
            *ret = key_names[i].key;
            return true;
        }
    }
    size_t control = str_has_prefix(s, "Ctrl-") ? 5 : str_has_prefix(s, "C-") ? 2 : 0;
    char letter = control > 0 && s.n == control + 1 ? (char)(s.p[control] | 0x20) : '\0'; /* in either case */
    if (letter >= 'a' && letter <= 'z') {
        uint32_t key = (uint32_t)(letter - 'a' + 1);
        *ret = key == '\b' ? (uint32_t)KEY_BACKSPACE_ : key == '\n' ? (uint32_t)KEY_ENTER_ : key; /* as a terminal sends them */
        return true;
    }
    uint32_t rune;
    if (s.n > 0 && utf8_decode(s, &rune) == s.n && rune > ' ' && rune != 0xFFFD && utf8_width(rune) > 0) {
        *ret = rune;
        return true;
    }
    return false;
}

static void key_name(uint32_t key, char out[16])
{
    for (size_t i = 0; i < sizeof key_names / sizeof *key_names; i++) {
        if (key_names[i].key == key) {
            (void)str_format(out, 16, "%s", key_names[i].name);
            return;
        }
    }
    if (key < ' ')
        (void)str_format(out, 16, "Ctrl-%c", (int)('A' + key - 1));
    else
        out[utf8_encode(key, out)] = '\0';
}

static void bind(struct keymap *m, uint32_t key, enum action a, bool own)
{
    size_t i = 0;
    while (i < m->count && m->bound[i].key != key)
        i++;
    if (i == KEYMAP_MAX)
        return; /* more keys than a keyboard has */
    m->bound[i].key = key;
    m->bound[i].action = a;
    m->bound[i].own = own;
    m->count += i == m->count;
}

static void unbind(struct keymap *m, enum action a)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->count; i++)
        if (m->bound[i].action != a)
            m->bound[kept++] = m->bound[i];
    m->count = kept;
}

/* The next word of a list of keys; empty at its end. */
static struct str next_word(const char **p)
{
    *p += strspn(*p, " ");
    struct str word = {*p, strcspn(*p, " ")};
    *p += word.n;
    return word;
}

void keymap_init(struct keymap *m)
{
    m->count = 0;
    for (int a = 0; a < ACTION_COUNT; a++) {
        const char *p = actions[a].keys;
        uint32_t key;
        for (struct str word = next_word(&p); word.n > 0; word = next_word(&p))
            if (key_parse(word, &key))
                bind(m, key, (enum action)a, false);
    }
}

static enum err take_key(const struct keymap *m, const char *action, struct str word, uint32_t *ret, struct errctx *ctx)
{
    uint32_t key = KEY_NONE;
    if (!key_parse(word, &key))
        return errctx_set(ctx, ERR_CONFIG, "bindings: %s: '%.*s' is no key; write a character, Ctrl-X, Enter, PgUp or F5", action,
                          (int)word.n, word.p);
    for (size_t i = 0; i < sizeof never_bound; i++)
        if (key == (uint32_t)(unsigned char)never_bound[i])
            return errctx_set(ctx, ERR_CONFIG, "bindings: %s: '%.*s' belongs to ssh, the terminal or its multiplexer", action, (int)word.n,
                              word.p);
    for (size_t i = 0; i < m->count; i++)
        if (m->bound[i].key == key && m->bound[i].own && strcmp(actions[m->bound[i].action].name, action) != 0)
            return errctx_set(ctx, ERR_CONFIG, "bindings: '%.*s' is given to both %s and %s", (int)word.n, word.p,
                              actions[m->bound[i].action].name, action);
    *ret = key;
    return ERR_OK;
}

enum err keymap_bind(struct keymap *m, const char *action, const char *keys, struct errctx *ctx)
{
    int a = 0;
    size_t taken = 0;
    uint32_t key = KEY_NONE;
    struct keymap next = *m;

    while (a < ACTION_COUNT && strcmp(actions[a].name, action) != 0)
        a++;
    if (a == ACTION_COUNT)
        return errctx_set(ctx, ERR_CONFIG, "bindings: there is no action '%s'; gwtop(1) lists them", action);
    unbind(&next, (enum action)a);
    for (struct str word = next_word(&keys); word.n > 0; word = next_word(&keys), taken++) {
        enum err e = take_key(&next, action, word, &key, ctx);
        if (e != ERR_OK)
            return e;
        bind(&next, key, (enum action)a, true);
    }
    if (taken == 0)
        return errctx_set(ctx, ERR_CONFIG, "bindings: %s: expected one key or several, separated by blanks", action);
    *m = next;
    return ERR_OK;
}

bool keymap_find(const struct keymap *m, uint32_t key, enum action *ret)
{
    for (size_t i = 0; i < m->count; i++) {
        if (m->bound[i].key == key) {
            *ret = m->bound[i].action;
            return true;
        }
    }
    return false;
}

void keymap_keys_of(const struct keymap *m, enum action a, char *out, size_t cap)
{
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < m->count; i++) {
        char name[16];
        if (m->bound[i].action != a)
            continue;
        key_name(m->bound[i].key, name);
        if (n + strlen(name) + 2 > cap)
            return;
        (void)str_format(out + n, cap - n, "%s%s", n > 0 ? " " : "", name);
        n = strlen(out);
    }
}
