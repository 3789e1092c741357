/* SPDX-License-Identifier: MIT */
/* Feeds every file of a corpus folder to a fuzz target's function, in builds without libFuzzer. Exits 0 when the folder held at least
 * one file and nothing crashed; the target aborts by itself when a property does not hold. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 24 }; /* bytes of one corpus file */

/* Exact-size copy, so that a sanitizer sees a read past the end. */
static int replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        perror(path);
        return -1;
    }
    uint8_t *all = malloc(INPUT_MAX);
    size_t n = all != NULL ? fread(all, 1, INPUT_MAX, f) : 0;
    int bad = all == NULL || ferror(f);
    fclose(f);
    uint8_t *exact = bad ? NULL : realloc(all, n > 0 ? n : 1);
    if (exact == NULL) {
        fprintf(stderr, "%s: cannot be read into memory\n", path);
        free(all);
        return -1;
    }
    (void)LLVMFuzzerTestOneInput(exact, n);
    free(exact);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
        return 64;
    }
    DIR *dir = opendir(argv[1]);
    if (dir == NULL) {
        perror(argv[1]);
        return 1;
    }
    int files = 0, failures = 0;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] == '.')
            continue;
        char path[4096];
        int n = snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        files++;
        failures += n < 0 || (size_t)n >= sizeof path || replay_file(path) != 0;
    }
    closedir(dir);
    printf("%d files replayed, %d failed\n", files, failures);
    return files > 0 && failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
