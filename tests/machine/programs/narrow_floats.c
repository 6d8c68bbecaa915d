#include <math.h>
#include <stdio.h>
float v[] = {0.0f,-0.0f,1.5f,-2.25f,3e38f,1e-40f,INFINITY,-INFINITY,NAN,0.1f,16777217.0f};
volatile float vv; volatile double dd;
__attribute__((noinline)) void one(float a, float b, double d) {
  float r1=(double)a+b, r2=a*2.0, r3=a/3.0, r4=0.1*a, r5=1.0/a, r6=a-(double)b, r7=sqrt(a), r8=fabs((double)a), r9=-(double)a, r10=a*0.5, r11=(double)a/b, r12 = 4.0-a;
  float all[]={r1,r2,r3,r4,r5,r6,r7,r8,r9,r10,r11,r12};
  for (int i=0;i<12;i++) if (isnan(all[i])) printf("nan "); else printf("%a ", all[i]);
  int c=0;
#define T(e) c = c*2 + ((e)?1:0);
  T(a>0.5) T(a<0.1) T(a==0.1) T(a!=1.5) T(0.5>=a) T(a<=-2.25) T((double)a<(double)b) T((double)a==b) T((double)a>=b) T(fabs(d)<0) T(fabs(d)<=-1.0) T(fabs(d)>=0) T(!(fabs(d)<0.0)) T(!(fabs(d)>=0)) T(fabs(a)>-1.0) T(d*d<0) T(sqrt(d)<0) T(!(d*d>=-0.0)) T(fabs(d)==-1) T(fabs(d)!=-1) T(1.0/fabs(d)<0) T(fabs(d)/-0.0<0) T(d<NAN) T(!(d<NAN)) T(d!=NAN) T(NAN>=d) T(!(NAN>=d))
  printf("%x %g %g %g\n", c, floor(a), (float)ceil(a), trunc(a)+rint(b));
}
int main(){ for(int i=0;i<11;i++)for(int j=0;j<11;j++){one(v[i],v[j],v[i]*1.25);} return 0;}
