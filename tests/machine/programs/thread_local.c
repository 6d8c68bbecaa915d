#include <stdio.h>
#include <pthread.h>
_Thread_local int a=5; static __thread long b[4]={1,2,3,4}; extern __thread int ext; __thread int ext=9;
void*th(void*p){ a++; b[2]+=a; ext=*(int*)p; printf("%d %ld %d\n",a,b[2],ext); return &b[3]==0?0:p;}
int main(){ pthread_t t; int x=77; for(int i=0;i<3;i++){pthread_create(&t,0,th,&x); pthread_join(t,0);} a=1; printf("%d %ld %d\n",a,b[2],ext); int*pa=&a; *pa+=3; printf("%d %d\n",a,pa==&a); return 0;}
