/* What stands before all of a program's own objects.  Three objects come of this file:
     crtbegin.o    executables at a fixed address     (nothing defined)
     crtbeginS.o   shared objects and PIE             (CRT_SHARED defined)
     crtbeginT.o   static executables                 (CRT_STATIC defined)
   __dso_handle tells one image's atexit functions and destructors from another's: its address for
   an image that can be unloaded, null for the main program (Itanium C++ ABI, 3.3.5.2).  On
   unloading, the shared object runs those that are registered for it by __cxa_finalize.

   Unwind tables are not registered here: every image has a .eh_frame_hdr, which the unwinder finds
   by dl_iterate_phdr, in static executables too. */

#ifdef CRT_SHARED
__attribute__((visibility("hidden"))) void *__dso_handle = &__dso_handle;

extern void __cxa_finalize(void *) __attribute__((weak));

static void __do_global_dtors_aux(void)
{
  static _Bool completed;

  if (completed)
    return;
  completed = 1;
  if (__cxa_finalize)
    __cxa_finalize(__dso_handle);
}

/* First in .fini_array, hence run last: it is run from the end to the start. */
__attribute__((section(".fini_array"), used, aligned(sizeof(void *)))) static void (
    *__do_global_dtors_aux_fini_array_entry)(void) = __do_global_dtors_aux;
#else
__attribute__((visibility("hidden"))) void *__dso_handle = 0;
#endif

/* Start of the clone table of transactional memory, which is always empty: its end is in crtend. */
__attribute__((section(".tm_clone_table"), used, aligned(sizeof(void *)))) static void *__TMC_LIST__[0] = {};
