/* What glibc's static library needs of an unwinder (a shared libc loads libgcc_s.so.1 instead).

   Cancellation and pthread_exit work: a forced unwinding goes to the end of the stack in one step,
   upon which glibc runs the thread's registered cleanup handlers and jumps to its start.  Frames
   are not visited, so cleanup attributes of C functions in between are not run, and backtrace()
   finds no frames.  Raising an exception of another language ends the program with a message. */
#include "helper.h"
#include <unwind.h>

extern void abort(void) __attribute__((__noreturn__));
extern long write(int, const void *, __SIZE_TYPE__);

HELPER _Unwind_Reason_Code _Unwind_ForcedUnwind(struct _Unwind_Exception *exception,
                                                _Unwind_Stop_Fn stop, void *parameter)
{
  stop(1, _UA_FORCE_UNWIND | _UA_CLEANUP_PHASE | _UA_END_OF_STACK, exception->exception_class,
       exception, (struct _Unwind_Context *)0, parameter);
  return _URC_FATAL_PHASE2_ERROR;
}

HELPER _Unwind_Reason_Code _Unwind_Backtrace(_Unwind_Trace_Fn trace, void *parameter)
{
  (void)trace;
  (void)parameter;
  return _URC_END_OF_STACK;
}

HELPER _Unwind_Word _Unwind_GetCFA(struct _Unwind_Context *context)
{
  (void)context;
  return 0;
}

HELPER _Unwind_Ptr _Unwind_GetIP(struct _Unwind_Context *context)
{
  (void)context;
  return 0;
}

static void unsupported(void) __attribute__((__noreturn__));
static void unsupported(void)
{
  static const char message[] =
      "ourocc: a static executable cannot unwind an exception; link it dynamically\n";

  if (write(2, message, sizeof message - 1) < 0)
    abort();
  abort();
}

HELPER void _Unwind_Resume(struct _Unwind_Exception *exception)
{
  (void)exception;
  unsupported();
}

HELPER _Unwind_Reason_Code __gcc_personality_v0(int version, _Unwind_Action actions,
                                                _Unwind_Exception_Class exception_class,
                                                struct _Unwind_Exception *exception,
                                                struct _Unwind_Context *context)
{
  (void)version;
  (void)actions;
  (void)exception_class;
  (void)exception;
  (void)context;
  return _URC_CONTINUE_UNWIND;
}
