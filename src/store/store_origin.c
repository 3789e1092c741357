/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* getpwuid_r beside _POSIX_C_SOURCE */
#include "store/store_origin.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/safe_text.h"

void store_origin_author(uid_t uid, char dst[STORE_AUTHOR_MAX])
{
    struct passwd pw, *found = NULL;
    char room[4096];

    if (getpwuid_r(uid, &pw, room, sizeof room, &found) == 0 && found != NULL)
        (void)safe_text(dst, STORE_AUTHOR_MAX, str_of(found->pw_name));
    else
        (void)str_format(dst, STORE_AUTHOR_MAX, "uid %ld", (long)uid);
}

void store_act_author(char dst[STORE_AUTHOR_MAX])
{
    store_origin_author(geteuid(), dst);
}

/* The user who logged in, as the kernel keeps it through su and sudo; not known in a container, and of what no login began. Source:
 * https://www.kernel.org/doc/Documentation/ABI/stable/procfs-audit_loginuid */
static bool login_uid(uid_t *ret)
{
    static const unsigned unset = 4294967295U;
    unsigned uid = unset;
    FILE *f = fopen("/proc/self/loginuid", "re");

    if (f == NULL)
        return false;
    const bool read = fscanf(f, "%u", &uid) == 1;
    (void)fclose(f);
    *ret = (uid_t)uid;
    return read && uid != unset;
}

/* Who is behind the user that this process runs as; "" where nobody else is told. */
static void login_name(char dst[STORE_AUTHOR_MAX])
{
    const char *sudo = getenv("SUDO_USER");
    char author[STORE_AUTHOR_MAX];
    uid_t uid;

    dst[0] = '\0';
    store_act_author(author);
    if (login_uid(&uid))
        store_origin_author(uid, dst);
    else if (sudo != NULL)
        (void)safe_text(dst, STORE_AUTHOR_MAX, str_of(sudo));
    if (strcmp(dst, author) == 0)
        dst[0] = '\0';
}

/* "10.2.3.4 51122 10.0.0.1 22": the client's address comes first. */
void store_origin(char dst[STORE_ORIGIN_MAX])
{
    const char *ssh = getenv("SSH_CONNECTION");
    const size_t n = ssh != NULL ? strspn(ssh, "0123456789abcdefABCDEF.:%") : 0; /* of IPv4 and IPv6, with a zone's number */
    char login[STORE_AUTHOR_MAX];

    login_name(login);
    (void)str_format(dst, STORE_ORIGIN_MAX, "%s%s%s%s%.*s", login[0] != '\0' ? "login " : "", login, login[0] != '\0' && n > 0 ? ", " : "",
                     n > 0 ? "ssh from " : "", n < 64 ? (int)n : 64, n > 0 ? ssh : "");
}
