/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/secret.h"
#include "support/tmpdir.h"

static char dir[128], path[200];
static struct secrets *secrets;
static struct errctx ctx;

static void setup(void)
{
    ck_assert(tmpdir_make(dir, sizeof dir));
    snprintf(path, sizeof path, "%s/token", dir);
    ck_assert_ptr_nonnull(secrets = secrets_new());
    ctx.text[0] = '\0';
}

static void teardown(void)
{
    secrets_free(secrets);
    ck_assert(tmpdir_remove(dir));
}

static void put(const char *bytes, size_t n, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert(fd >= 0 && write(fd, bytes, n) == (ssize_t)n && fchmod(fd, mode) == 0);
    close(fd);
}

static enum err read_from(struct config_secret c, struct str *ret)
{
    return secrets_read(secrets, &c, "the token", ret, &ctx);
}

START_TEST(a_file_gives_its_text_without_one_newline)
{
    struct str s;
    put("sk-abc\n", 7, 0600);
    ck_assert_int_eq(read_from((struct config_secret){.file = path}, &s), ERR_OK);
    ck_assert(str_eq_z(s, "sk-abc"));
    put("sk-abc\n\n", 8, 0400);
    ck_assert_int_eq(read_from((struct config_secret){.file = path}, &s), ERR_CONFIG);
}
END_TEST

START_TEST(files_that_others_can_touch_are_refused)
{
    static const mode_t modes[] = {0640, 0604, 0644, 0660, 0610};
    struct str s;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        put("sk-abc\n", 7, modes[i]);
        ck_assert_int_eq(read_from((struct config_secret){.file = path}, &s), ERR_CONFIG);
        ck_assert_ptr_nonnull(strstr(ctx.text, "chmod 600"));
        ck_assert_ptr_null(strstr(ctx.text, "sk-abc"));
    }
}
END_TEST

START_TEST(links_folders_and_pipes_are_refused)
{
    char link_path[300];
    struct str s;
    put("sk-abc\n", 7, 0600);
    snprintf(link_path, sizeof link_path, "%s/link", dir);
    ck_assert_int_eq(symlink(path, link_path), 0);
    ck_assert_int_eq(read_from((struct config_secret){.file = link_path}, &s), ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(ctx.text, "symbolic link"));
    ck_assert_int_eq(read_from((struct config_secret){.file = dir}, &s), ERR_CONFIG);
    snprintf(link_path, sizeof link_path, "%s/pipe", dir);
    ck_assert_int_eq(mkfifo(link_path, 0600), 0);
    ck_assert_int_eq(read_from((struct config_secret){.file = link_path}, &s), ERR_CONFIG);
}
END_TEST

START_TEST(what_could_smuggle_a_header_in_is_refused)
{
    static const struct {
        const char *bytes;
        size_t n;
    } bad[] = {{"x\r\nX-Evil: 1", 12}, {"a b", 3}, {"\x7f", 1}, {"a\0b", 3}, {"\t", 1}, {"", 0}, {"\n", 1}};
    struct str s;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put(bad[i].bytes, bad[i].n, 0600);
        ck_assert_int_eq(read_from((struct config_secret){.file = path}, &s), ERR_CONFIG);
    }
}
END_TEST

START_TEST(too_long_is_too_long)
{
    static char big[SECRET_MAX + 1];
    struct str s;
    memset(big, 'a', sizeof big);
    put(big, SECRET_MAX, 0600);
    ck_assert_int_eq(read_from((struct config_secret){.file = path}, &s), ERR_OK);
    ck_assert_uint_eq(s.n, SECRET_MAX);
    put(big, sizeof big, 0600);
    ck_assert_int_eq(read_from((struct config_secret){.file = path}, &s), ERR_LIMIT);
}
END_TEST

START_TEST(a_variable_is_removed_after_reading_and_serves_twice)
{
    struct str a, b;
    setenv("GWTOP_TEST_TOKEN", "sk-env", 1);
    ck_assert_int_eq(read_from((struct config_secret){.env = "GWTOP_TEST_TOKEN"}, &a), ERR_OK);
    ck_assert(str_eq_z(a, "sk-env"));
    ck_assert_ptr_null(getenv("GWTOP_TEST_TOKEN"));
    ck_assert_int_eq(read_from((struct config_secret){.env = "GWTOP_TEST_TOKEN"}, &b), ERR_OK);
    ck_assert(str_eq(a, b));
    ck_assert_int_eq(read_from((struct config_secret){.env = "GWTOP_TEST_OTHER"}, &b), ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(ctx.text, "GWTOP_TEST_OTHER is not set"));
}
END_TEST

START_TEST(a_command_gives_its_output)
{
    struct str s;
    ck_assert_int_eq(read_from((struct config_secret){.command = "printf 'sk-%s\\n' cmd"}, &s), ERR_OK);
    ck_assert(str_eq_z(s, "sk-cmd"));
    ck_assert_int_eq(read_from((struct config_secret){.command = "echo sk-cmd; exit 3"}, &s), ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(ctx.text, "exit status 3"));
    ck_assert_ptr_null(strstr(ctx.text, "sk-cmd"));
    ck_assert_int_eq(read_from((struct config_secret){.command = "read x; echo got$x"}, &s), ERR_OK); /* standard input is empty */
    ck_assert(str_eq_z(s, "got"));
}
END_TEST

START_TEST(a_command_need_not_be_waited_for)
{
    char fifo[300], command[400];
    struct str s;
    snprintf(fifo, sizeof fifo, "%s/fifo", dir);
    snprintf(command, sizeof command, "cat %s", fifo);
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    const struct config_secret from = {.command = command};
    ck_assert_int_eq(secrets_try(secrets, &from, "the token", &s, &ctx), ERR_BUSY);
    ck_assert_ptr_nonnull(strstr(ctx.text, "is still running"));
    ck_assert_int_eq(secrets_try(secrets, &from, "the token", &s, &ctx), ERR_BUSY);
    int fd = open(fifo, O_WRONLY); /* waits for the command to open it */
    ck_assert(fd >= 0 && write(fd, "sk-late\n", 8) == 8);
    close(fd);
    ck_assert_int_eq(secrets_read(secrets, &from, "the token", &s, &ctx), ERR_OK); /* of the same run */
    ck_assert(str_eq_z(s, "sk-late"));
    ck_assert_int_eq(secrets_try(secrets, &from, "the token", &s, &ctx), ERR_BUSY); /* read again, and ended with the secrets */
}
END_TEST

/* The recorder blocks and ignores signals for itself; what it runs must not inherit that. */
START_TEST(a_command_runs_with_ordinary_signals)
{
    struct str s;
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    ck_assert_int_eq(sigprocmask(SIG_BLOCK, &term, NULL), 0);
    ck_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    ck_assert_int_eq(
        read_from((struct config_secret){.command = "sed -n '/^SigBlk/p;/^SigIgn/p' /proc/self/status | tr -d '[:space:]'"}, &s), ERR_OK);
    char text[64];
    unsigned long long blocked = 1, ignored = 1;
    ck_assert(str_copy(text, sizeof text, s));
    ck_assert_int_eq(sscanf(text, "SigBlk:%16llxSigIgn:%16llx", &blocked, &ignored), 2);
    ck_assert_uint_eq(blocked, 0);
    ck_assert_uint_eq(ignored & 1ull << (SIGPIPE - 1), 0); /* of the others some may be the caller's wish */
}
END_TEST

START_TEST(every_known_secret_is_starred_out)
{
    struct str s;
    char text[] = "your key sk-abcdef is bad, really: sk-abcdef";
    put("sk-abcdef", 9, 0600);
    ck_assert_int_eq(read_from((struct config_secret){.file = path}, &s), ERR_OK);
    secrets_redact(secrets, text, strlen(text));
    ck_assert_str_eq(text, "your key ********* is bad, really: *********");
}
END_TEST

/* The pair of RFC 7617, and what is shown of it: neither the password nor its coded form. */
START_TEST(a_user_and_a_password_are_a_header)
{
    struct str password, header;
    const struct config_secret from = {.file = path};
    char text[] = "key Basic QWxhZGRpbjpvcGVuLXNlc2FtZQ== or QWxhZGRpbjpvcGVuLXNlc2FtZQ== or open-sesame";
    put("open-sesame\n", 12, 0600);
    ck_assert_int_eq(read_from(from, &password), ERR_OK);
    ck_assert_int_eq(secrets_basic(secrets, "Aladdin", password, &from, "the password", &header, &ctx), ERR_OK);
    ck_assert(str_eq_z(header, "Basic QWxhZGRpbjpvcGVuLXNlc2FtZQ=="));
    secrets_redact(secrets, text, strlen(text));
    ck_assert_str_eq(text, "key Basic **************************** or **************************** or ***********");
    put("a\n", 2, 0600); /* renewed: padding of every length */
    ck_assert_int_eq(read_from(from, &password), ERR_OK);
    ck_assert_int_eq(secrets_basic(secrets, "Aladdin", password, &from, "the password", &header, &ctx), ERR_OK);
    ck_assert(str_eq_z(header, "Basic QWxhZGRpbjph"));
    ck_assert_int_eq(secrets_basic(secrets, "Alad", password, &from, "the password", &header, &ctx), ERR_OK);
    ck_assert(str_eq_z(header, "Basic QWxhZDph"));
    ck_assert_int_eq(secrets_basic(secrets, "Aladd", password, &from, "the password", &header, &ctx), ERR_OK);
    ck_assert(str_eq_z(header, "Basic QWxhZGQ6YQ=="));
    char *large = malloc(SECRET_MAX);
    memset(large, 'x', SECRET_MAX);
    ck_assert_int_eq(secrets_basic(secrets, "u", (struct str){large, SECRET_MAX - 100}, &from, "the password", &header, &ctx), ERR_LIMIT);
    free(large);
}
END_TEST

Suite *suite_secret(void);
Suite *suite_secret(void)
{
    Suite *s = suite_create("secret");
    TCase *c = tcase_create("secret");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, a_file_gives_its_text_without_one_newline);
    tcase_add_test(c, a_user_and_a_password_are_a_header);
    tcase_add_test(c, files_that_others_can_touch_are_refused);
    tcase_add_test(c, links_folders_and_pipes_are_refused);
    tcase_add_test(c, what_could_smuggle_a_header_in_is_refused);
    tcase_add_test(c, too_long_is_too_long);
    tcase_add_test(c, a_variable_is_removed_after_reading_and_serves_twice);
    tcase_add_test(c, a_command_gives_its_output);
    tcase_add_test(c, a_command_need_not_be_waited_for);
    tcase_add_test(c, a_command_runs_with_ordinary_signals);
    tcase_add_test(c, every_known_secret_is_starred_out);
    suite_add_tcase(s, c);
    return s;
}
