/* Broken: the struct extends into memory that is not readable. */

#define _DEFAULT_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "plugin.h"

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    const Plugin plugin = {.version = PLUGIN_VERSION, .size = sizeof(Plugin)};
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), begins = offsetof(Plugin, opened);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || mprotect(pages + page, page, PROT_NONE) != 0) {
        return NULL;
    }
    return memcpy(pages + page - begins, &plugin, begins);
}
