// Wine 8 has no bcryptprimitives.dll, from which std takes random numbers. A program that needs it ends at once, with
// status 53 and no message. For tests only.
#include <windows.h>

// RtlGenRandom: https://learn.microsoft.com/windows/win32/api/ntsecapi/nf-ntsecapi-rtlgenrandom
BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
    return SystemFunction036(data, (ULONG)length) ? TRUE : FALSE;
}
