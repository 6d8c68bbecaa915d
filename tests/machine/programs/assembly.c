#include <stdio.h>
asm(".globl addtwo\naddtwo: lea 2(%rdi),%eax\n ret");
int addtwo(int);
static inline unsigned long rdcr(unsigned a,unsigned b){ unsigned r; asm("lea (%q1,%q2),%0":"=r"(r):"r"(a),"r"(b)); return r;}
int x=5; static int y=7;
int tst(int a){ asm goto("test %0,%0; jz %l1": : "r"(a) : "cc": zero); return 1; zero: return 0; }
int main(){
 int a=3,b=4,c;
 asm("addl %2,%0":"=r"(c):"0"(a),"r"(b)); printf("%d\n",c);
 asm volatile("incl %0":"+m"(x)); asm volatile("addl $%c1,%0":"+m"(y):"i"(10)); printf("%d %d\n",x,y);
 unsigned lo,hi; asm("mull %3":"=a"(lo),"=d"(hi):"0"(0xffffffffu),"rm"(16u)); printf("%x %x\n",lo,hi);
 printf("%d %lu\n",addtwo(40),rdcr(3,4));
 int z; asm("cmp %1,%2":"=@cce"(z):"r"(3),"r"(3)); printf("%d\n",z);
 asm("1: dec %0; jnz 1b":"+r"(a)); printf("%d %d%d\n",a,tst(0),tst(3));
 double d=2.0,r; asm("fsqrt":"=t"(r):"0"(d)); printf("%f\n",r);
 asm("sqrtsd %1,%0":"=x"(r):"x"(d)); printf("%f\n",r);
 unsigned char bb=0x12; asm("rolb $4,%b0":"+q"(bb)); printf("%x\n",bb);
 long q=1; asm("xchg %%rax,%%rbx":"+a"(q)::"rbx"); 
 char buf[8]; const char*s="abc"; char*dd=buf; long n=4; asm volatile("rep movsb":"+D"(dd),"+S"(s),"+c"(n)::"memory"); puts(buf);
 return 0;}
