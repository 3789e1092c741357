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

static const struct { const char *name; uint32_t key; } key_names[] = {
    {"Enter", KEY_ENTER_}, {"Esc", KEY_ESC_}, {"Tab", KEY_TAB_}, {"BackTab", KEY_BACKTAB_}, {"Space", ' '}, {"Backspace", KEY_BACKSPACE_},
    {"Up", KEY_UP_}, {"Down", KEY_DOWN_}, {"Left", KEY_LEFT_}, {"Right", KEY_RIGHT_}, {"Home", KEY_HOME_}, {"End", KEY_END_},
    {"PgUp", KEY_PGUP_}, {"PgDn", KEY_PGDN_}, {"Delete", KEY_DELETE_}, {"F1", KEY_F1_}, {"F2", KEY_F2_}, {"F3", KEY_F3_}, {"F4", KEY_F4_},
    {"F5", KEY_F5_}, {"F6", KEY_F6_}, {"F7", KEY_F7_}, {"F8", KEY_F8_}, {"F9", KEY_F9_}, {"F10", KEY_F10_}, {"F11", KEY_F11_}, {"F12", KEY_F12_},
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
    if (s.n == 3 && s.p[0] == 'C' && s.p[1] == '-' && s.p[2] >= 'a' && s.p[2] <= 'z') {
        *ret = (uint32_t)(s.p[2] - 'a' + 1);
        return true;
    }
    uint32_t rune;
    if (s.n > 0 && utf8_decode(s, &rune) == s.n && rune > ' ' && rune != 0xFFFD) {
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
        (void)str_format(out, 16, "C-%c", (int)('a' + key - 1));
    else
        out[utf8_encode(key, out)] = '\0';
}

static void bind(struct keymap *m, uint32_t key, enum action a)
{
    for (size_t i = 0; i < m->count; i++) {
        if (m->bound[i].key == key) {
            m->bound[i].action = a;
            return;
        }
    }
    if (m->count < KEYMAP_MAX) {
        m->bound[m->count].key = key;
        m->bound[m->count++].action = a;
    }
}

void keymap_init(struct keymap *m)
{
    m->count = 0;
    for (int a = 0; a < ACTION_COUNT; a++) {
        const char *p = actions[a].keys;
        while (*p != '\0') {
            size_t n = strcspn(p, " ");
            uint32_t key;
            if (key_parse((struct str){p, n}, &key))
                bind(m, key, (enum action)a);
            p += n + (p[n] == ' ');
        }
    }
}

enum err keymap_bind(struct keymap *m, const char *action, const char *key, struct errctx *ctx)
{
    uint32_t k;
    int a = 0;

    while (a < ACTION_COUNT && strcmp(actions[a].name, action) != 0)
        a++;
    if (a == ACTION_COUNT)
        return errctx_set(ctx, ERR_CONFIG, "bindings: there is no action '%s'; `gwtop` lists them under ?", action);
    if (!key_parse(str_of(key), &k))
        return errctx_set(ctx, ERR_CONFIG, "bindings: %s: '%s' is no key; write a character, C-x, Enter, PgUp or F5", action, key);
    for (size_t i = 0; i < sizeof never_bound; i++)
        if (k == (uint32_t)(unsigned char)never_bound[i])
            return errctx_set(ctx, ERR_CONFIG, "bindings: %s: '%s' belongs to ssh, the terminal or its multiplexer", action, key);
    bind(m, k, (enum action)a);
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
