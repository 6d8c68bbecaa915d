#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <execinfo.h>
#include <alloca.h>
static int order[8], n;
__attribute__((constructor)) static void c1(void){ order[n++]=1; }
__attribute__((constructor(200))) static void c2(void){ order[n++]=2; }
int weakf(void) __attribute__((weak));
extern int alias_target(int) __attribute__((alias("real_target")));
int real_target(int x){ return x+1; }
static int impl(void){ return 99; }
static void *resolver(void){ return impl; }
int ifn(void) __attribute__((ifunc("resolver")));
static jmp_buf jb;
__attribute__((noinline)) static void thrower(int v){ if(v) longjmp(jb,v); }
__attribute__((noinline)) static int sj(int a,int b){ volatile int k=a; int r=setjmp(jb); if(r==0){ k=b; thrower(7); } return r*100+k; }
__attribute__((noinline)) static int bt(int d){ void*p[16]; if(d) return bt(d-1)+1; int c=backtrace(p,16); return c; }
__attribute__((noinline)) static long dyn(int k){ char *p=alloca(k); memset(p,k,k); long s=0; for(int i=0;i<k;i++) s+=p[i]; char v[k]; memcpy(v,p,k); return s+v[k-1]; }
__attribute__((aligned(64))) static char big[64];
__attribute__((noinline)) static long al(void){ char buf[100] __attribute__((aligned(64))); big[0]=1; return ((long)buf&63)+((long)big&63)+(buf[0]=0); }
struct S{ int a[10]; }; 
__attribute__((noinline)) static int byval(struct S s,int k,struct S t){ return s.a[3]+t.a[k]; }
__attribute__((noinline)) static long many(long a,long b,long c,long d,long e,long f,long g,long h,double x,double y){ return a+b*2+c*3+d*4+e*5+f*6+g*7+h*8+(long)(x*y); }
typedef unsigned long u64;
__attribute__((noinline)) u64 ovf(long a,long b){ long r; int o=__builtin_add_overflow(a,b,&r); o+=__builtin_mul_overflow(a,b,&r)*2; return o; }
_Atomic int at; 
int main(int argc,char**argv){
 printf("%d %d %d\n",order[0],order[1],weakf!=0);
 printf("%d %d\n",alias_target(4),ifn());
 printf("%d\n",sj(3,5));
 int b0=bt(0),b5=bt(5); printf("%d\n",b5-b0);
 printf("%ld %ld\n",dyn(17),al());
 struct S s; for(int i=0;i<10;i++) s.a[i]=i*i; printf("%d\n",byval(s,4,s));
 printf("%ld\n",many(1,2,3,4,5,6,7,8,2.5,4.0));
 printf("%lu %lu\n",ovf(1,2),ovf(0x7fffffffffffffffL,5));
 at++; at+=5; at&=6; at|=9; int old=__atomic_fetch_xor(&at,3,5); printf("%d %d\n",old,at);
 int exp=12; printf("%d %d\n",__atomic_compare_exchange_n(&at,&exp,3,0,5,5),exp);
 void *t[]={&&l0,&&l1,&&l2}; int i=argc; goto *t[i]; l0: puts("l0"); l1: puts("l1"); l2: puts("l2");
 printf("%d %d %d\n",__builtin_popcount(0xf0f0),__builtin_clz(16),__builtin_ctzl(64));
 printf("%x %lx\n",__builtin_bswap32(0x12345678),__builtin_bswap64(0x123456789abcdefUL));
 double z=-0.0; printf("%f %f %d\n",__builtin_copysign(3.0,z),__builtin_fabs(-2.5), __builtin_signbit(z)!=0);
 long double ld=argc*1e18L*10; printf("%llu %Lg %lld\n",(unsigned long long)ld, ld/3, (long long)-ld/100);
 unsigned __int128 u=~(unsigned __int128)0; printf("%llx %d\n",(unsigned long long)(u/10>>64),(int)(u%10));
 return 0; }
