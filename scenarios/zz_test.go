package scenarios_test
import ("testing";"strings";"time";"github.com/hansei-mail/hansei/scenarios")
func TestZZ(t *testing.T){
 for n,s:=range map[string]string{
  "brackets":strings.Repeat("[",1<<20),
  "dashes":strings.Repeat("- ",1<<19),
  "q":strings.Repeat("? ",1<<19),
  "indent":func()string{var b strings.Builder;for i:=0;i<1400;i++{b.WriteString(strings.Repeat(" ",i)+"a:\n")};return b.String()}(),
  "indentdash":func()string{var b strings.Builder;for i:=0;i<1400;i++{b.WriteString(strings.Repeat(" ",i)+"-\n")};return b.String()}(),
  "keys":func()string{var b strings.Builder;for i:=0;i<100000;i++{b.WriteString("k"+strings.Repeat("x",i%7)+":\n")};return b.String()}(),
  "items":"tags:\n"+strings.Repeat("- a\n",250000),
  "line":"name: "+strings.Repeat("a",1<<19)+"\n",
  "quoted":"name: \""+strings.Repeat("a\n ",1<<18)+"\"\n",
  "colons":strings.Repeat("a: ",1<<18),
  "anchors":strings.Repeat("&a ",1<<18),
  "tags":strings.Repeat("!!a ",1<<18),
  "comments":strings.Repeat("#\n",1<<19),
  "flowlines":"a: "+strings.Repeat("[\n",1<<18),
  "newlines":strings.Repeat("\n",1<<20),
  "literal":"a: |\n"+strings.Repeat("  x\n",1<<17),
 }{ t0:=time.Now(); _,err:=scenarios.Read("x",[]byte(s)); e:=err.Error(); if len(e)>100{e=e[:100]}; t.Log(n,time.Since(t0),e)}
}
