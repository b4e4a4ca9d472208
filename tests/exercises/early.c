/* A library that is not a plugin, but has code that runs when the library is opened. */
#include <stdio.h>

__attribute__((constructor)) static void early(void) { puts("code of the library runs"); }
