#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int fib(int n){ return n<2?n:fib(n-1)+fib(n-2);}
struct P{int x,y; double d;};
struct P mk(int a,double d){ struct P p={a,a*2,d}; return p;}
static int cmp(const void*a,const void*b){ return *(int*)a-*(int*)b;}
unsigned hash(const char*s){unsigned h=5381; while(*s) h=h*33+(unsigned char)*s++; return h;}
int sw(int x){ switch(x){case 1:return 10;case 2:return 20;case 3:return 33;case 4:return 41;case 5:return 52;case 6:return 61; case 100: return 7; case -5: return 8; default: return -1;}}
long long mul(long long a,long long b){return a*b;}
double avg(int n,...);
#include <stdarg.h>
double avg(int n,...){ va_list ap; va_start(ap,n); double s=0; for(int i=0;i<n;i++) s+= (i&1)? va_arg(ap,double): va_arg(ap,int); va_end(ap); return s/n;}
int main(void){
 printf("%d\n",fib(20));
 struct P p=mk(3,2.5); printf("%d %d %g\n",p.x,p.y,p.d);
 int a[10]; for(int i=0;i<10;i++) a[i]=(i*7+3)%11; qsort(a,10,sizeof(int),cmp); for(int i=0;i<10;i++) printf("%d ",a[i]); puts("");
 printf("%u\n",hash("hello world"));
 for(int i=-6;i<9;i++) printf("%d ",sw(i)); printf("%d\n",sw(100));
 printf("%lld\n",mul(123456789LL,987654321LL));
 printf("%g\n",avg(4,1,2.5,3,4.5));
 unsigned long u=~0UL; printf("%g %g\n",(double)u,(float)(u>>1)*1.0);
 double dd=1.8446744073709550e19; printf("%lu %ld\n",(unsigned long)dd,(long)-1.5);
 printf("%d %d %u %u\n",-7/2,-7%2,7u/2u,7u%3u);
 char buf[64]; memset(buf,'x',63); buf[63]=0; puts(buf);
 long double ld=1.0L/3; printf("%.18Lf\n",ld*3+(long double)2);
 __int128 q=(__int128)1<<100; q=q/7+5; printf("%llx %llx\n",(unsigned long long)(q>>64),(unsigned long long)q);
 float f=1.5f; f*=2; printf("%f\n",f);
 short s=-5; signed char c=s; unsigned char uc=s; printf("%d %d %d\n",s,c,uc);
 return 0;
}
