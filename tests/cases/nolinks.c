/* A disk without symbolic links: preloaded, every attempt to make one answers with the error that NOLINKS_ERRNO names. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int refuse(void) {
    const char* name = getenv("NOLINKS_ERRNO");
    errno = name != NULL && strcmp(name, "EOPNOTSUPP") == 0 ? EOPNOTSUPP : EPERM;
    return -1;
}

int symlink(const char* target, const char* link) {
    (void)target, (void)link;
    return refuse();
}

int symlinkat(const char* target, int folder, const char* link) {
    (void)target, (void)folder, (void)link;
    return refuse();
}
