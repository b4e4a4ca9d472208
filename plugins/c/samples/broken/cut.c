/* Broken: the struct extends into memory that is not readable. */

#define _DEFAULT_SOURCE
#if defined(_WIN32)
#include <windows.h>
#else
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "plugin.h"

/* Two pages. The second one is not readable. */
static char *two_pages(size_t *page) {
    char *pages;
#if defined(_WIN32)
    SYSTEM_INFO system;
    DWORD before;
    GetSystemInfo(&system);
    *page = system.dwPageSize;
    pages = VirtualAlloc(NULL, 2 * *page, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    return pages != NULL && VirtualProtect(pages + *page, *page, PAGE_NOACCESS, &before) ? pages : NULL;
#else
    *page = (size_t)sysconf(_SC_PAGESIZE);
    pages = mmap(NULL, 2 * *page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return pages != MAP_FAILED && mprotect(pages + *page, *page, PROT_NONE) == 0 ? pages : NULL;
#endif
}

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    const Plugin plugin = {.version = PLUGIN_VERSION, .size = sizeof(Plugin)};
    const size_t begins = offsetof(Plugin, opened);
    size_t page;
    char *pages = two_pages(&page);
    return pages == NULL ? NULL : memcpy(pages + page - begins, &plugin, begins);
}
