/**
 * Words that count as one thing in whichever language they stand: whom a text speaks to, what it wants, of whom it speaks. A star
 * stands for any end of a word. What two such things do beside each other says more of an order than the words themselves.
 */
const lists = {
  agent:
    'agent;agents;assistant;assistants;ai;ais;a.i.;llm;llms;bot;bots;robot;robots;chatbot*;language model*;model;models;copilot;gpt;chatgpt;claude;gemini;crawler*;summari*er*;helper;helpers;ki;sprachmodell*;assistent;assistenten;assistentin;agenten;bots;roboter;helfer;modell;modelle;asistente*;agente;agentes;ia;modelo*;agents ia;modele*;assistants;智能体;助手;助理;人工智能;大模型;模型;代理;机器人;语言模型',
  automation:
    'automated;automatic;automatically;autonomous;automation;browsing;computer use;computer-use;crawling;software;automatisch*;automatisiert*;autonom*;maschinell*;automatico*;automatis*;自动;自动化;自主',
  user: 'user;users;human;humans;owner;owners;operator;principal;person;customer;customers;client;account holder;your boss;nutzer*;benutzer*;anwender*;besitzer*;inhaber*;auftraggeber*;mensch*;kunde*;person;usuario*;dueno;humano*;utilisateur*;proprietaire;humain*;用户;主人;使用者;人类;户主;机主;客户',
  you: 'you;your;yours;yourself;youre;du;dein*;dir;dich;ihr;tu;tus;ti;usted*;vous;votre;vos;toi;你;您;你的;您的',
  formal: 'sie;ihnen;ihre;ihren;ihrem;ihrer',
  self: 'i;me;my;mine;we;us;our;ich;mich;mir;mein*;wir;uns;unser*;我;我的;我们',
  must: 'must;should;shall;have to;has to;need to;needs to;needed;required;requires;require;obliged;ought;mandatory;expected;instructed;supposed to;musst;muss;mussen;sollst;soll;sollen;solltest;haben;verpflichtet;erforderlich;debe*;tiene* que;hay que;doit;doivent;devez;dois;必须;应;应该;应当;须;务必;需;需要;得;一律',
  please: 'please;kindly;bitte;por favor;veuillez;svp;merci de;请;烦请;麻烦',
  proxy:
    "on somebody's behalf;on someone's behalf;on behalf of;on another's behalf;for somebody else;for someone else;silicon;digital companion;digital helper*;software visitor*;software deputy;automated reader;machine guest;non-human;helpers;whoever;the one who;the one that;behind this session;this cursor;this mouse;deputy;proxy;made of code;run on code;im auftrag;im namen;fur jemand anderen;fur andere;begleiter*;gehilfe*;silizium;stellvertreter*;hinter dieser sitzung;diesen zeiger;nichtmenschlich*;替别人;代替别人;替人;受人之托;软件访客;数字伙伴;数字助手;帮手;代理者;这次会话;光标;硅基;代主人",
  indirect:
    'would do well;do well to;is wise to;best advised;begin by;begins by;start with;starts to;start by;goes on to;matters until;counts until;nothing counts;only thing that counts;what counts;lost its;lost their;may rest;let rest;rest;notwithstanding;belongs to;belong to;would long have;sure that;wishes that;wish that;be glad;will be complete;be perfect;is complete;complete before;once;until;tut gut daran;gut daran;am besten;beginnt;langst;mochte sicher;rechnet damit;zahlt;zahlt erst;vollstandig;ruhen;erledigt;gehort;最好;通常会;不妨;理应;多半会;总会;早就会;一定希望;想必;才算;才有意义;才会;属于;留给;先放下;要紧的是;剩下的',
  click:
    'click*;press*;tap;taps;hit;hits;select*;choose*;tick;toggle;push;double-click*;klick*;druck*;anklick*;wahle*;auswahlen;wahl*;tippe auf;pulsa*;haz clic;selecciona*;cliqu*;appuye*;点击;单击;双击;按下;按;选择;勾选;点',
  send: 'send*;sent;forward*;mail;mails;e-mail;email*;post;posts;share*;sharing;reply;replies;submit*;transmit*;upload*;cc;bcc;tweet*;publish*;message him;invite*;sende*;schick*;weiterleit*;leite;leiten;versend*;teile;teilen;antworte*;hochladen;lade;veroffentlich*;einladen;envia*;reenvia*;comparte*;responde*;envoye*;transmet*;partage*;repond*;发送;发给;寄;转发;回复;分享;共享;提交;上传;抄送;发布;邀请;邮寄;发到',
  pay: 'pay;pays;paying;payment;payout*;purchase*;buy;buys;buying;order;ordering;transfer*;wire;checkout;donate*;invest*;refund*;payee;invoice*;bezahl*;zahl*;uberweis*;kauf*;bestell*;spende*;erstatt*;rechnung*;paga*;compra*;transfiere*;paye*;achete*;vire*;支付;付款;转账;购买;下单;汇款;结账;退款;捐;发票;账单;打款',
  delete:
    'delete*;deleting;remove*;erase*;wipe*;purge*;empty;clear;discard*;trash;archive*;close the;cancel*;losch*;entfern*;leere*;verwirf;storni*;absag*;sag alle;elimina*;borra*;supprime*;efface*;删除;清空;移除;抹掉;取消;关闭;注销',
  approve:
    'approve*;accept*;allow*;grant*;confirm*;authori*e;authori*ing;agree*;consent;permit*;enable*;unlock*;trust;verify;sign;genehmig*;annehm*;nimm;nehme*;akzeptier*;erlaub*;bestatig*;freigeb*;gib;gibt;geben;frei;stimm*;zustimm*;zulass*;lass;acepta*;permite*;autoriza*;confirma*;accepte*;autorise*;confirme*;批准;接受;允许;授权;确认;同意;放行;通过;信任;授予;开启',
  run: 'run;runs;running;execute*;install*;download*;launch*;start;terminal;command*;script*;shell;powershell;console;curl;bash;sudo;make;code;deploy*;push;merge*;fuhre;fuhr;fuhren;ausfuhr*;ausfuhren;installier*;herunterlad*;lade;starte*;skript*;befehl*;konsole;pushe*;ejecuta*;instala*;descarga*;execute*;installe*;telecharge*;lance*;运行;执行;安装;下载;终端;命令;脚本;启动;推送;合并',
  take: 'hand over;hand;put;provide*;give;supply;answer*;respond*;antworte*;回答;答复;eintipp*;eintrag*;einfug*;copy;copies;collect*;gather*;read;extract*;paste*;list;dump*;export*;write;print*;output;type;enter;fill*;fetch*;retrieve*;look up;record*;note;capture*;take a screenshot;include*;append*;insert*;kopier*;sammle*;lies;lese*;trage;eintrag*;fuge;einfug*;tippe*;gib*;schreib*;notier*;exportier*;auslesen;nenne*;copia*;recoge*;pega*;escribe*;introduce*;copie*;colle*;saisi*;ecri*;note*;复制;收集;读取;粘贴;输入;填写;填入;导出;写入;写下;记录;列出;抄;附上;告知;摘录',
  visit:
    'open*;go to;navigate*;visit*;browse;load;switch*;log in;login;sign in;follow*;scroll*;continue*;proceed*;offne*;offnen;gehe;geh;besuch*;navigier*;rufe;ruf;wechsl*;melde;anmelden;folge*;fahre;abre*;visita*;navega*;sigue*;ouvre*;va sur;allez;suive*;打开;访问;前往;进入;跳转;切换;登录;遵循;照做;跟随;继续',
  change:
    'abschliess*;abschlies*;erledig*;beend*;finish*;complete;reject*;decline*;lehne*;ablehn*;拒绝;完成此;change*;changing;set;sets;disable*;deactivate*;turn off;turn on;switch off;switched off;add;adds;adding;update*;replace*;modify*;edit*;rewrite*;rename*;reset*;raise;lower;increase*;rate;mark;book*;schedule*;reschedule*;order*;subscribe*;register*;create*;ander*;andre*;stell*;setze*;deaktivier*;aktivier*;schalte*;fuge;hinzu*;ersetz*;umleit*;trag*;leg;lege;erstell*;buche*;melde;abonnier*;cambia*;desactiva*;anade*;agrega*;modifica*;crea;change*;desactive*;ajoute*;modifie*;cree*;修改;更改;更换;设置;设为;关闭;禁用;添加;加入;启用;替换;重置;创建;预订;订阅;改成;改为;调高;调低;打五星',
  task: 'task;tasks;instruction;instructions;goal;goals;objective*;request;requests;directive*;prompt;prompts;mission;assignment*;job;guideline*;direction;directions;rules;rule;orders;aufgabe*;anweisung*;auftrag*;ziel;befehl*;vorgabe*;regel*;richtlinie*;tarea*;instruccion*;orden*;objetivo;regla*;tache*;consigne*;objectif;regle*;任务;指令;指示;目标;要求;命令;规则;规定;策略;提示词;步骤',
  ignore:
    'ignore*;disregard*;forget*;override*;overrid*;overrule*;abandon*;stop;drop;skip*;bypass*;supersede*;void;cancelled;obsolete;vergiss*;vergesst;ignorier*;missacht*;ubergeh*;uberspring*;umgeh*;brich;unterbrich*;stopp*;verwirf;ungultig;hinfallig;gilt nicht;gelten nicht;ignora*;olvida*;omite*;salta*;oublie*;ignore*;saute*;忽略;无视;忘记;忘掉;跳过;绕过;停止;放弃;作废;不再;抛开',
  earlier:
    'previous*;earlier;prior;above;former*;original*;existing;old;before;so far;initial*;bisher*;vorherig*;fruher*;obige*;vorige*;ursprunglich*;alte;alten;anterior*;previ*;original*;precedent*;anterieur*;之前;先前;以前;原来;以上;上述;此前;原有;旧',
  instead:
    'instead;rather;new;now;from now on;from here;henceforth;real;actual;only;next;updated;following;stattdessen;neu*;ab jetzt;ab sofort;von nun an;nunmehr;eigentlich*;nur;folgend*;en su lugar;nuev*;ahora;a partir de;desormais;nouve*;plutot;maintenant;suivant*;改为;转而;新;从现在起;从今以后;今后;以后;只;以下;接下来;如下',
  not: "not;no;never;don't;dont;do not;cannot;can't;without;nothing;none;nobody;neither;nor;no longer;n't;nicht;kein*;nie;niemals;ohne;nichts;niemand*;nunca;sin;nada;pas;jamais;sans;aucun*;rien;不;别;勿;无需;无须;不用;不必;不要;没有;未;切勿;无",
  asking:
    'ask*;confirmation*;permission*;approval*;review*;check*;checking;consult*;warn*;question*;wait*;hesitate*;verify*;double-check*;frag*;ruckfrag*;nachfrag*;bestatigung*;erlaubnis*;prufung*;prufe*;wart*;warn*;zustimmung*;pregunt*;confirmacion*;permiso*;revis*;demand*;confirmation*;verifi*;询问;确认;许可;检查;等待;过问;核对;审核;征求;警告;问',
  hiding:
    'tell;telling;mention*;reveal*;inform*;report*;secret;secretly;silently;quietly;discreet*;hidden;hide;conceal*;invisible;unnoticed;notice;summary;summaries;log;logs;transcript;leave out;leave it out;erwahn*;verrat*;sag;sage;mitteil*;informier*;bericht*;heimlich*;still;unauffallig*;stillschweigend;verschweig*;zusammenfassung*;protokoll*;unsichtbar*;digas;menciones;informe*;secreto;silencio;disez;dis;mentionne*;secret;discretement;resume*;告诉;提及;提到;透露;汇报;报告;总结;悄悄;静默;秘密;隐藏;隐瞒;不可见;声张;摘要;日志',
  secret:
    'password*;passcode*;passphrase*;code;codes;token*;api key*;api-key*;key;keys;credential*;secret*;cookie*;otp;one-time;pin;card number*;cvv;ssn;login;logins;seed phrase;recovery phrase;private key*;id_rsa;id_ed25519;.env;authorized_keys;two-factor;2fa;passwort*;kennwort*;hauptpasswort;einmalcode*;zugangsdaten;schlussel*;api-schlussel;kartennummer*;geheimnis*;tan;contrasena*;clave*;codigo*;tarjeta;mot de passe;mots de passe;cle;cles;code;carte;密码;口令;验证码;密钥;令牌;凭据;凭证;卡号;主密码;私钥;助记词;一次性;登录信息',
  scope:
    'inbox;clipboard;address book;contact;contacts;file;files;folder*;session;sessions;system prompt;systemprompt;history;memory;notes;tools;tool;function*;other tab;other window*;other tabs;tabs;tab;calendar;mailbox;messages;unread;conversation*;database;repository;repo;settings;account;accounts;wallet;documents;location;screenshot*;everyone;colleagues;filter;posteingang;zwischenablage;adressbuch;kontakt*;datei*;ordner*;sitzung*;verlauf*;gedachtnis;notiz*;werkzeug*;anderen tab;anderen fenster;kalender;nachricht*;gesprach*;einstellung*;konto;konten;standort;dokument*;bildschirmfoto*;bandeja;portapapeles;contactos;archivo*;carpeta*;sesion*;historial;memoria;herramienta*;boite;presse-papiers;fichier*;dossier*;historique;memoire;outil*;收件箱;剪贴板;通讯录;联系人;文件;文件夹;会话;系统提示;历史;记忆;工具;函数;标签页;窗口;日历;邮件;对话;设置;账户;账号;位置;文档;截图;仓库',
  page: 'page;pages;site;website;screen;document;text;note;notice;message;web page;review;record;invite;listing;below;here;button;buttons;link;links;field;box;dialog;banner;form;seite*;website;bildschirm;text;hinweis;hinweistext;dokument;unten;hier;knopf;schaltflache*;link;feld;formular;dialog;pagina*;pantalla;texto;boton;enlace;formulario;page;ecran;texte;bouton;lien;formulaire;ci-dessous;页面;本页;网页;屏幕;文本;此处;下面;按钮;链接;字段;表单;弹窗;横幅;本文;红框;对话框',
  urgent:
    'urgent*;immediately;at once;right away;right now;asap;first;before anything;final warning;deadline;hurry;no time;seconds;within;otherwise;or else;important;attention;warning;critical;dringend;sofort;umgehend;zuerst;zunachst;unverzuglich;sonst;andernfalls;achtung;wichtig;warnung;keine zeit;sekunden;urgente;inmediat*;primero;antes;importante;atencion;immediat*;abord;avant;attention;sinon;紧急;立即;立刻;马上;首先;先;否则;注意;重要;警告;尽快;没有时间;秒内',
  condition:
    'if;when;whenever;once;after;until;unless;as soon as;while;upon;before;to continue;in order to;whoever;anyone;wenn;falls;sobald;bevor;nachdem;bis;solange;wer;um;si;cuando;despues;antes de;quien*;lorsque;quand;apres;avant de;des que;quiconque;如果;当;一旦;之后;之前;直到;每当;凡;只有;遇到;若',
  reading:
    'reading;reads;read;viewing;views;visiting;visits;visit;processing;processes;process;summarising;summarizing;summarises;summarizes;parsing;parse;handling;browsing;analysing;analyzing;looking at;indexing;liest;lesen;lesende*;verarbeitet;verarbeiten;besuch*;zusammenfass*;auswert*;bearbeitet;lee;leas;procesa*;visit*;lisez;lit;traite*;阅读;读取;浏览;处理;访问;分析;查看;看到;读到;收到;总结;索引',
  authority:
    'developer*;administrator*;admin;vendor*;provider*;compliance;policy;policies;system;security;it department;support;audit;legal;authorised;authorized;authorisation;authorization;official;headquarters;management;ceo;anthropic;openai;google;microsoft;entwickler*;hersteller*;anbieter*;revision;richtlinie*;sicherheit*;systemhinweis;verwaltung;geschaftsfuhrung;autorisiert;berechtigt;desarrollador*;proveedor;politica;sistema;seguridad;developpeur*;fournisseur;politique;systeme;securite;管理员;开发者;开发商;厂商;供应商;合规;政策;策略;系统;安全;信息部门;审计;授权;官方;总部;管理层;客服',
  always:
    'always;whenever;every time;each time;remember;store;memorise;memorize;save;keep in mind;future;permanently;from now on;by default;immer;jedes mal;merke;merk;speicher*;kunftig;dauerhaft;zukunft*;grundsatzlich;siempre;recuerda;guarda;futuro;toujours;souviens;memorise*;enregistre*;永远;总是;始终;每次;记住;保存;存入;今后;一律;默认',
  role: 'you are now;act as;pretend*;role;persona;mode;developer mode;maintenance mode;simulate;imagine you;roleplay;du bist jetzt;du bist nun;tu so;spiel;rolle;modus;eres ahora;actua como;finge;modo;tu es maintenant;agis comme;fais comme;mode;你现在是;您现在是;扮演;假装;假设你是;模式;角色;充当',
  done: 'already;has approved;have approved;approved this;completed;finished;done;no risk*;safe;safely;cleared;agreed;bereits;schon;genehmigt;erledigt;abgeschlossen;unbedenklich;sicher;freigegeben;ya;aprobado;completad*;seguro;deja;approuve;termine;已;已经;完成;无风险;放心;安全;批准',
  encoded:
    'decode*;decipher*;decrypt*;encoded;encrypted;backwards;reverse*;base64;rot13;first letter*;entschlussel*;entziffer*;verschlusselt;ruckwarts;anfangsbuchstab*;decodifica*;descifra*;dechiffre*;解码;解密;倒着;倒读;反着;首字母',
  guards:
    'safety;guard;guardrail*;filter*;content filter;restriction*;safeguard*;firewall;protection;two-step;verification;antivirus;sandbox;schutz*;filter;inhaltsfilter;sperre*;firewall;virenschutz;seguridad;proteccion;restriccion*;protection;pare-feu;防护;过滤;限制;防火墙;护栏;安全检查;内容过滤;杀毒',
} as const

export type Concept = keyof typeof lists
const conceptNames = Object.keys(lists) as Concept[]

export interface ConceptSpan {
  readonly concept: Concept
  readonly start: number
  readonly end: number
}

const han = /\p{sc=Han}/u
const tokens = /\p{sc=Han}+|(?:(?!\p{sc=Han})[\p{L}\p{N}])+/gu

/** A word, or several: the first opens the list of those that go on with others. */
interface Term {
  readonly concept: Concept
  readonly rest: readonly string[]
  readonly isOpen: boolean
}

const terms = new Map<string, Term[]>()
/** Beginnings of words whose end does not matter. */
const stems = new Map<string, Concept[]>()
const characters = new Map<string, Concept[]>()
let longestRun = 0
for (const concept of conceptNames) {
  for (const word of new Set(lists[concept].split(';').map((one) => one.trim()))) {
    if (han.test(word)) {
      longestRun = Math.max(longestRun, word.length)
      add(characters, word, concept)
      continue
    }
    const isOpen = word.endsWith('*')
    const [first = '', ...rest] = word.match(tokens) ?? []
    if (rest.length === 0 && isOpen) add(stems, first, concept)
    else add(terms, first, { concept, rest, isOpen })
  }
}

function add<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, [value])
  else known.push(value)
}

/** In normalised text: lower case without marks. */
export function conceptsIn(text: string): ConceptSpan[] {
  const found: ConceptSpan[] = []
  const words = Array.from(text.matchAll(tokens), ({ index, 0: word }) => ({ word, start: index, end: index + word.length }))
  for (const [place, { word, start, end }] of words.entries()) {
    if (han.test(word)) {
      characterConcepts(word, start, found)
      continue
    }
    for (const { concept, rest, isOpen } of terms.get(word) ?? []) {
      const next = words.slice(place + 1, place + 1 + rest.length)
      const fits = rest.every((one, at) => {
        const other = next[at]?.word
        return isOpen && at === rest.length - 1 ? other?.startsWith(one) : other === one
      })
      if (fits) found.push({ concept, start, end: next.at(-1)?.end ?? end })
    }
    for (let length = 2; length <= word.length; length += 1)
      for (const concept of stems.get(word.slice(0, length)) ?? []) found.push({ concept, start, end })
  }
  return found
}

/** The longest words of each concept that do not overlap. */
function characterConcepts(run: string, offset: number, found: ConceptSpan[]): void {
  const ends = new Map<Concept, number>()
  for (let start = 0; start < run.length; start += 1) {
    for (let length = Math.min(longestRun, run.length - start); length > 0; length -= 1) {
      for (const concept of characters.get(run.slice(start, start + length)) ?? []) {
        if (start < (ends.get(concept) ?? 0)) continue
        ends.set(concept, start + length)
        found.push({ concept, start: offset + start, end: offset + start + length })
      }
    }
  }
}
