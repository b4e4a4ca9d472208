/* A library that is not a plugin, but has code that runs when the library is opened. */
#include <stdio.h>
#include <windows.h>

BOOL WINAPI DllMain(HINSTANCE library, DWORD reason, LPVOID reserved) {
    (void)library, (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) puts("code of the library runs");
    return TRUE;
}
