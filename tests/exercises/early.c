/* A library that has nothing of a plugin but code that runs when it is opened. */
#include <stdio.h>

__attribute__((constructor)) static void early(void) { puts("code of the library runs"); }
