/* The personality routine of functions with attribute cleanup that are compiled with -fexceptions.

   Such a function keeps a list of the cleanups that are due in its frame (ourocc/lower/unwinding.py).  Its
   language-specific data are two words: the DWARF number of the frame pointer, and where the list's head stands
   relative to it.  Everything runs from here, nothing is caught: there are no landing pads.

   The unwinder is libgcc_s.so.1, which is loaded when this routine is called; programs need not be linked with it. */
#include "helper.h"
#include <unwind.h>

#define RTLD_NOW 2
#define RTLD_NOLOAD 4

extern void *dlopen(const char *, int) __attribute__((weak));
extern void *dlsym(void *, const char *) __attribute__((weak));

struct due {
  struct due *next;
  void (*function)(void *);
  void *argument;
};

typedef _Unwind_Word (*get_register)(struct _Unwind_Context *, int);
typedef void *(*get_data)(struct _Unwind_Context *);

HELPER _Unwind_Reason_Code __ourocc_cleanup_personality(int version, _Unwind_Action actions,
                                                        _Unwind_Exception_Class exception_class,
                                                        struct _Unwind_Exception *exception,
                                                        struct _Unwind_Context *context)
{
  void *unwinder;
  get_register registers;
  get_data data;
  const int *place;
  struct due *volatile *head;

  (void)version;
  (void)exception_class;
  (void)exception;
  if (!(actions & _UA_CLEANUP_PHASE) || !dlopen || !dlsym)
    return _URC_CONTINUE_UNWIND;
  unwinder = dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_NOLOAD);
  if (!unwinder)
    return _URC_CONTINUE_UNWIND;
  registers = (get_register)dlsym(unwinder, "_Unwind_GetGR");
  data = (get_data)dlsym(unwinder, "_Unwind_GetLanguageSpecificData");
  if (!registers || !data)
    return _URC_CONTINUE_UNWIND;
  place = data(context);
  head = (struct due *volatile *)(registers(context, place[0]) + place[1]);
  while (*head) {
    struct due *first = *head;

    *head = first->next;
    first->function(first->argument);
  }
  return _URC_CONTINUE_UNWIND;
}
