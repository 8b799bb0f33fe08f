/* A stand-in for bcryptprimitives.dll, whose ProcessPrng Wine 8 does not have. The other one is RtlGenRandom. */
#include <stddef.h>

unsigned char __stdcall SystemFunction036(void *buffer, unsigned long length);

__declspec(dllexport) int __stdcall ProcessPrng(unsigned char *buffer, size_t length) {
    return SystemFunction036(buffer, (unsigned long)length);
}
