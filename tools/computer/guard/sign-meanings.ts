import type { ConsentClass } from './consent-classes.ts'
import { compilePhrases, foldText, readText } from './lexicon/phrases.ts'

interface SignMeaning {
  /** By which a claim names it, in English, German and Chinese: what it shows, and what it is for. Written as a lexicon is. */
  readonly words: string
  /** Meanings that are drawn like it, or stand for the same in places: no claim of them speaks against it. */
  readonly alike?: string
  /** What it does where no word says otherwise. */
  readonly class?: ConsentClass
}

/** What the shipped network can name, and how people name it. */
const meanings: Readonly<Record<string, SignMeaning>> = {
  delete: {
    words:
      'delete; deletes; deleting; remove; removes; trash; trash can; bin; dustbin; garbage; rubbish; discard; erase; clear; empty; losch*; entfern*; papierkorb*; mulleimer*; abfall*; verwerf*; leeren; 删除; 移除; 垃圾桶; 垃圾箱; 回收站; 清空; 清除',
    alike: 'close minus archive',
    class: 'delete',
  },
  settings: {
    words:
      'settings; setting; gear; cog; cogwheel; preferences; options; configure; configuration; setup; einstellung*; zahnrad*; optionen; konfigur*; 设置; 齿轮; 选项; 偏好; 配置',
    alike: 'radio-on sliders sun more',
  },
  sliders: {
    words: 'sliders; adjust; adjustments; tune; equaliser; equalizer; controls; regler; schieberegler; anpassen; 调整; 调节; 滑块',
    alike: 'settings filter sort menu more',
  },
  search: {
    words: 'search; searching; find; look up; magnifier; magnifying glass; loupe; such*; lupe; finden; 搜索; 查找; 放大镜; 查询; 检索',
    alike: 'zoom-in zoom-out',
  },
  send: {
    words:
      'send; sends; sending; submit; post; publish; paper plane; paper airplane; plane; senden; absenden; abschicken; papierflieger; flieger; 发送; 提交; 发布; 纸飞机; 寄出',
    alike: 'share forward up forward-mail location',
    class: 'send',
  },
  close: {
    words:
      'close; closes; dismiss; cancel; x; cross; exit; quit; hide; schliess*; abbrech*; kreuz; beenden; ausblenden; 关闭; 取消; 叉; 退出; 叉号',
    alike: 'delete minus block exit-full-screen add hang-up',
  },
  add: {
    words:
      'add; adds; plus; plus sign; new; create; insert; more; increase; expand; hinzufug*; neu; neue; neuer; neues; erstell*; anlegen; pluszeichen; erhoh*; 添加; 新建; 新增; 加号; 创建; 增加; 加入',
    alike: 'zoom-in close move cart add-user edit',
  },
  minus: {
    words: 'minus; decrease; reduce; less; collapse; minimi*; weniger; verringer*; minuszeichen; 减号; 减少; 最小化; 折叠',
    alike: 'zoom-out delete block close',
  },
  edit: {
    words:
      'edit; editing; pencil; pen; rename; modify; change; compose; write; note; draw; bearbeit*; stift; bleistift; umbenenn*; andern; schreib*; verfass*; 编辑; 铅笔; 笔; 修改; 重命名; 撰写; 写',
    alike: 'add file paste',
  },
  heart: {
    words:
      'heart; favourite; favourites; like; love; wishlist; wish list; save; herz; favorit*; merk*; wunschliste; gefallt; 心; 收藏; 喜欢; 点赞; 心愿单',
    alike: 'star bookmark like',
  },
  star: {
    words:
      'star; favorite; favorites; favourite; favourites; rate; rating; bookmark; save; stern; favorit*; bewert*; merk*; 星; 星形; 星标; 收藏; 评分',
    alike: 'sparkles bookmark heart',
  },
  like: {
    words: 'like; likes; thumb up; thumbs up; upvote; recommend; helpful; gefallt; daumen hoch; daumen; 赞; 点赞; 拇指',
    alike: 'heart dislike',
    class: 'send',
  },
  dislike: {
    words: 'dislike; thumb down; thumbs down; downvote; daumen runter; daumen; 踩; 不喜欢; 拇指',
    alike: 'like',
    class: 'send',
  },
  notifications: {
    words:
      'notification; notifications; bell; alerts; alert; alarm; reminder; subscribe; glocke*; benachrichtig*; erinner*; mitteilung*; hinweise; 通知; 铃铛; 铃; 提醒',
    alike: 'notifications-off',
  },
  'notifications-off': {
    words:
      'notification; notifications; bell; mute; silence; snooze; unsubscribe; glocke*; benachrichtig*; stumm*; 通知; 铃铛; 静音; 免打扰',
    alike: 'notifications mute',
  },
  cart: {
    words:
      'cart; basket; bag; shopping; checkout; shop; warenkorb*; einkaufswagen; einkaufstasche; korb; tasche; einkauf*; kasse; 购物车; 购物袋; 篮; 结账; 商店',
    alike: 'archive lock gift add',
  },
  pay: {
    words:
      'pay; payment; payments; credit card; card; billing; checkout; bezahl*; zahl*; zahlung*; kreditkarte*; karte; abrechnung*; 付款; 支付; 信用卡; 银行卡; 账单',
    alike: 'wallet mail keyboard',
    class: 'purchase',
  },
  wallet: { words: 'wallet; purse; balance; payment; payments; geldborse; brieftasche; guthaben; 钱包; 余额', alike: 'mail pay folder' },
  download: {
    words: 'download; downloads; save; export; install; get; herunterlad*; download*; speicher*; export*; laden; 下载; 保存; 导出',
    alike: 'down save inbox archive upload',
  },
  upload: {
    words: 'upload; uploads; attach; import; share; publish; hochlad*; anhang*; import*; teilen; 上传; 导入; 分享; 附件',
    alike: 'up share open-external send download',
    class: 'upload',
  },
  share: {
    words: 'share; shares; sharing; export; forward; invite; teilen; freigeb*; weiterleit*; einlad*; 分享; 共享; 转发; 邀请',
    alike: 'open-external upload forward-mail send forward',
  },
  'open-external': {
    words:
      'open; external; new tab; new window; launch; pop out; visit; offne*; extern*; neues fenster; neuer tab; 打开; 外部; 新窗口; 新标签',
    alike: 'share upload forward edit full-screen',
  },
  menu: {
    words: 'menu; hamburger; navigation; sidebar; drawer; list; lines; bars; menu*; seitenleiste; liste; striche; 菜单; 导航; 侧边栏; 列表',
    alike: 'list drag more apps sort filter',
  },
  more: {
    words:
      'more; menu; options; actions; dots; three dots; ellipsis; kebab; overflow; mehr; optionen; punkte; aktionen; weitere; 更多; 菜单; 选项; 三个点; 三点',
    alike: 'menu settings drag apps sliders',
  },
  apps: {
    words: 'apps; grid; tiles; launcher; dashboard; layout; view; raster; kacheln; ubersicht; ansicht; 应用; 网格; 九宫格; 视图; 布局',
    alike: 'menu drag list calendar more',
  },
  list: {
    words: 'list; list view; bullets; view; outline; liste; listenansicht; aufzahlung; ansicht; 列表; 视图; 清单',
    alike: 'menu sort apps filter',
  },
  forward: {
    words:
      'next; forward; right; right arrow; arrow; chevron; continue; proceed; go; submit; open; expand; weiter; vor; nachste*; rechts; pfeil*; offne*; 下一步; 下一页; 下一; 前进; 向右; 右; 箭头; 继续; 展开',
    alike: 'play send login logout next redo forward-mail share open-external',
  },
  back: {
    words:
      'back; previous; left; left arrow; arrow; chevron; return; go back; zuruck; vorherige*; links; pfeil*; 返回; 上一步; 上一页; 上一; 后退; 向左; 左; 箭头',
    alike: 'undo reply close previous login',
  },
  up: {
    words:
      'up; top; collapse; arrow; chevron; upload; scroll up; increase; send; upvote; hoch; oben; nach oben; pfeil*; einklappen; zuklappen; 向上; 上; 顶部; 收起; 箭头; 折叠',
    alike: 'upload send home location',
  },
  down: {
    words:
      'down; bottom; expand; dropdown; drop down; arrow; chevron; more; open; download; scroll down; decrease; show; select; nach unten; unten; runter; pfeil*; ausklappen; aufklappen; auswahl*; offne*; 向下; 下; 底部; 展开; 下拉; 箭头',
    alike: 'download inbox filter',
  },
  play: {
    words: 'play; start; run; resume; watch; preview; abspiel*; start*; wiedergabe; ansehen; 播放; 开始; 运行',
    alike: 'forward pause next video send',
  },
  pause: { words: 'pause; hold; stop; anhalten; pausier*; 暂停', alike: 'play stop' },
  stop: { words: 'stop; end; cancel; stopp*; beenden; anhalten; abbrech*; 停止; 结束', alike: 'pause checkbox-off checkbox-on' },
  next: {
    words: 'next; skip; fast forward; forward; nachste*; uberspring*; vorspul*; weiter; 下一首; 下一个; 下一; 快进; 跳过',
    alike: 'forward play previous',
  },
  previous: { words: 'previous; rewind; back; skip back; vorherige*; zuruck*; 上一首; 上一个; 上一; 快退', alike: 'back play next' },
  check: {
    words:
      'check; check mark; checkmark; tick; done; ok; okay; confirm; accept; approve; save; apply; complete; agree; yes; submit; hakchen; haken; fertig; bestatig*; annehm*; ubernehm*; erledigt; ja; 勾; 对勾; 确认; 确定; 完成; 接受; 同意; 保存; 是',
    alike: 'checkbox-on shield',
  },
  lock: {
    words:
      'lock; locked; padlock; secure; security; private; password; schloss; sperr*; sicher*; privat; passwort; 锁; 锁定; 安全; 密码; 私密',
    alike: 'unlock key shield cart',
  },
  unlock: { words: 'unlock; unlocked; lock; padlock; open; entsperr*; schloss; aufschliess*; 解锁; 锁; 打开', alike: 'lock key cart' },
  user: {
    words:
      'user; account; profile; person; avatar; contact; me; my; sign in; log in; login; benutzer*; konto; profil*; person; kontakt*; anmeld*; 用户; 账户; 账号; 个人; 头像; 联系人; 登录; 资料',
    alike: 'users add-user login logout',
  },
  users: {
    words:
      'users; people; team; group; members; contacts; participants; community; share; invite; friends; benutzer; personen; team; gruppe*; mitglieder; kontakte; teilnehmer; freunde; 用户; 团队; 成员; 小组; 群; 联系人; 参与者; 朋友',
    alike: 'user add-user',
  },
  'add-user': {
    words:
      'add; invite; follow; new user; new member; user; person; contact; friend; hinzufug*; einlad*; folgen; benutzer*; kontakt*; 添加; 邀请; 关注; 好友; 用户',
    alike: 'user users add',
  },
  login: {
    words: 'login; log in; sign in; enter; anmeld*; einlog*; eintreten; 登录; 进入',
    alike: 'logout forward open-external user download',
  },
  logout: {
    words: 'logout; log out; sign out; exit; leave; quit; abmeld*; auslog*; verlassen; beenden; 退出; 登出; 注销; 离开',
    alike: 'login forward open-external user',
  },
  home: {
    words: 'home; home page; homepage; house; start; start page; main; startseite; haus; hauptseite; 首页; 主页; 主屏; 房子; 家',
    alike: 'up',
  },
  calendar: {
    words:
      'calendar; date; date picker; schedule; event; day; month; week; kalender*; datum*; termin*; tag; monat; woche; 日历; 日期; 日程; 月; 周',
    alike: 'clock apps history',
  },
  attach: {
    words:
      'attach; attachment; attachments; paperclip; paper clip; clip; file; add file; upload; anhang*; anhang; anhangen; buroklammer; klammer; datei*; 附件; 回形针; 曲别针; 添加文件; 上传',
    alike: 'link upload',
    class: 'upload',
  },
  microphone: {
    words: 'microphone; mic; voice; record; dictate; speak; unmute; mute; mikrofon*; sprach*; aufnehm*; diktier*; 麦克风; 话筒; 语音; 录音',
    alike: 'microphone-off headset',
  },
  'microphone-off': { words: 'microphone; mic; mute; unmute; mikrofon*; stumm*; 麦克风; 话筒; 静音', alike: 'microphone mute' },
  camera: {
    words: 'camera; photo; picture; image; screenshot; take; kamera*; foto*; bild*; aufnahm*; 相机; 拍照; 照片; 图片; 截图; 摄像头',
    alike: 'image video',
  },
  video: {
    words: 'video; camera; record; film; movie; call; meeting; kamera; aufnahme; anruf*; 视频; 摄像; 录像; 摄像头; 会议',
    alike: 'camera play video-off',
  },
  'video-off': { words: 'video; camera; kamera*; 视频; 摄像头', alike: 'video hide' },
  phone: {
    words: 'phone; call; telephone; dial; handset; contact; anruf*; telefon*; horer; wahlen; 电话; 通话; 呼叫; 拨号; 手机',
    alike: 'hang-up',
  },
  'hang-up': {
    words: 'hang up; end call; end; decline; leave; reject; phone; call; auflegen; beenden; anruf*; ablehn*; 挂断; 结束通话; 拒接; 电话',
    alike: 'phone close',
  },
  refresh: {
    words:
      'refresh; reload; sync; synchroni*; update; retry; restart; rotate; again; repeat; reset; aktualisier*; neu laden; wiederhol*; synchron*; dreh*; nochmal; 刷新; 重新加载; 同步; 更新; 重试; 旋转; 重置',
    alike: 'undo redo history share',
  },
  filter: {
    words: 'filter; filters; funnel; refine; sort; filtern; trichter; 筛选; 过滤; 漏斗; 过滤器',
    alike: 'sort sliders menu down list',
  },
  sort: {
    words: 'sort; sorting; order; arrange; swap; rank; sortier*; reihenfolge; tausch*; ordnen; 排序; 顺序; 交换; 切换',
    alike: 'filter menu up down list drag move refresh',
  },
  show: {
    words:
      'show; view; eye; visible; visibility; preview; watch; reveal; look; password; anzeig*; auge; ansehen; vorschau; sichtbar*; ansicht; passwort; 显示; 查看; 眼睛; 预览; 可见; 密码',
    alike: 'hide',
  },
  hide: {
    words:
      'hide; eye; visibility; invisible; show; password; verberg*; versteck*; ausblend*; auge; anzeig*; passwort; 隐藏; 眼睛; 显示; 密码',
    alike: 'show close',
  },
  folder: {
    words:
      'folder; directory; files; open; project; browse; ordner*; verzeichnis; dateien; offne*; projekt; durchsuch*; 文件夹; 目录; 文件; 打开; 浏览; 项目',
    alike: 'archive file inbox',
  },
  file: {
    words:
      'file; document; page; note; text; article; report; new; datei*; dokument*; seite; notiz*; text; bericht; 文件; 文档; 页面; 笔记; 报告; 新建',
    alike: 'save copy paste edit folder image',
  },
  copy: {
    words: 'copy; duplicate; clone; clipboard; kopier*; duplizier*; zwischenablage; kopie; 复制; 拷贝; 副本; 剪贴板',
    alike: 'link add paste file',
  },
  paste: {
    words: 'paste; clipboard; copy; list; task; tasks; einfug*; zwischenablage; klemmbrett; kopier*; aufgabe*; 粘贴; 剪贴板; 复制; 任务',
    alike: 'database copy file edit',
  },
  cut: { words: 'cut; scissors; snip; trim; ausschneid*; schere; schneid*; 剪切; 剪刀; 裁剪' },
  save: {
    words: 'save; floppy; floppy disk; disk; diskette; store; keep; speicher*; sicher*; 保存; 软盘; 磁盘; 存储',
    alike: 'download file',
  },
  print: { words: 'print; printer; printing; druck*; 打印; 打印机' },
  undo: {
    words: 'undo; back; revert; return; restore; ruckgangig; zuruck*; widerruf*; wiederherstell*; 撤销; 撤消; 返回; 还原; 恢复',
    alike: 'redo back reply refresh history',
  },
  redo: {
    words: 'redo; forward; again; repeat; wiederhol*; wiederherstell*; 重做; 恢复',
    alike: 'undo forward forward-mail refresh share',
  },
  history: {
    words:
      'history; recent; version; versions; restore; time; verlauf*; letzte; version*; wiederherstell*; chronik; 历史; 最近; 版本; 记录; 恢复',
    alike: 'clock undo refresh',
  },
  clock: {
    words:
      'clock; time; recent; schedule; history; later; snooze; pending; uhr*; zeit*; spater; letzte; planen; verlauf*; 时钟; 时间; 最近; 稍后; 历史; 定时',
    alike: 'history calendar',
  },
  help: {
    words: 'help; question; question mark; support; faq; info; hilfe; frage*; fragezeichen; 帮助; 问号; 疑问; 支持',
    alike: 'info warning',
  },
  info: {
    words: 'info; information; about; details; help; hint; infos; uber; hinweis*; einzelheiten; hilfe; 信息; 关于; 详情; 提示; 说明',
    alike: 'help warning',
  },
  warning: {
    words:
      'warning; alert; caution; error; exclamation; problem; report; info; warn*; achtung; fehler; ausrufezeichen; melden; hinweis*; 警告; 错误; 感叹号; 注意; 举报; 提示',
    alike: 'info help block',
  },
  link: {
    words: 'link; url; hyperlink; chain; copy link; address; verknupf*; kette*; adresse; verlink*; 链接; 网址; 链条; 地址',
    alike: 'attach unlink share',
  },
  unlink: { words: 'unlink; remove link; disconnect; link; chain; trenn*; verknupf*; kette*; 取消链接; 断开; 链接', alike: 'link' },
  mail: {
    words:
      'mail; email; e-mail; message; envelope; inbox; contact; newsletter; send; write; unread; nachricht*; umschlag; brief*; postfach; posteingang; schreib*; 邮件; 邮箱; 信封; 消息; 收件箱; 信',
    alike: 'inbox send chat pay',
  },
  chat: {
    words:
      'chat; message; messages; comment; comments; talk; conversation; speech bubble; bubble; reply; support; feedback; nachricht*; kommentar*; gesprach*; sprechblase; unterhalt*; antwort*; 聊天; 消息; 评论; 对话; 气泡; 留言; 回复; 客服',
    alike: 'more mail reply',
  },
  location: {
    words:
      'location; map; place; pin; address; marker; position; where; nearby; directions; standort*; ort; karte; adresse; stecknadel; position; 位置; 地点; 地图; 定位; 地址; 图钉',
    alike: 'pin map send',
  },
  map: { words: 'map; maps; location; directions; route; karte*; landkarte; route; standort; 地图; 路线; 位置', alike: 'location' },
  globe: {
    words:
      'globe; language; languages; world; web; website; region; country; internet; international; public; browser; sprache*; welt*; weltkugel; globus; webseite; region; land; offentlich; 地球; 语言; 世界; 网站; 网络; 国家; 地区; 公开',
    alike: 'translate',
  },
  translate: { words: 'translate; translation; language; languages; ubersetz*; sprache*; 翻译; 语言', alike: 'globe' },
  'zoom-in': {
    words: 'zoom; zoom in; enlarge; magnify; magnifier; magnifying glass; bigger; plus; vergrosser*; lupe; hineinzoom*; 放大; 缩放; 放大镜',
    alike: 'search zoom-out add',
  },
  'zoom-out': {
    words: 'zoom; zoom out; shrink; magnifier; magnifying glass; smaller; minus; verkleiner*; lupe; herauszoom*; 缩小; 缩放; 放大镜',
    alike: 'search zoom-in minus',
  },
  'full-screen': {
    words:
      'full screen; fullscreen; maximi*; expand; enlarge; open; vollbild*; maximier*; vergrosser*; erweiter*; 全屏; 最大化; 放大; 展开',
    alike: 'zoom-in exit-full-screen move open-external',
  },
  'exit-full-screen': {
    words:
      'full screen; fullscreen; exit; minimi*; shrink; collapse; restore; contract; vollbild*; minimier*; verkleiner*; verlassen; 退出全屏; 全屏; 最小化; 缩小; 收起',
    alike: 'zoom-out full-screen close move',
  },
  bookmark: {
    words: 'bookmark; bookmarks; save; favorite; favourite; ribbon; later; lesezeichen; merk*; speicher*; favorit*; 书签; 收藏; 保存',
    alike: 'star heart flag tag',
  },
  flag: {
    words:
      'flag; report; mark; milestone; important; language; country; flagge*; fahne*; fahnchen; meld*; markier*; wichtig; 旗; 旗帜; 举报; 标记; 标志',
    alike: 'bookmark location',
  },
  power: {
    words:
      'power; shut down; shutdown; turn off; turn on; switch off; switch on; on; off; log out; logout; sign out; exit; ausschalt*; einschalt*; herunterfahren; abschalt*; abmeld*; strom; 电源; 关机; 开机; 开关; 关闭; 退出; 注销',
    alike: 'logout',
    class: 'system',
  },
  wifi: {
    words: 'wifi; wi-fi; wi fi; wireless; wlan; network; signal; connection; netzwerk*; verbindung; 无线; 网络; 信号; 连接',
    alike: 'wifi-off',
  },
  'wifi-off': {
    words: 'wifi; wi-fi; wi fi; wireless; wlan; network; offline; netzwerk*; verbindung; 无线; 网络; 离线; 断网',
    alike: 'wifi',
  },
  bluetooth: { words: 'bluetooth; 蓝牙' },
  volume: {
    words:
      'volume; sound; audio; speaker; mute; unmute; listen; lautstarke*; ton; lautsprecher; stumm*; anhoren; vorles*; 音量; 声音; 扬声器; 喇叭; 静音; 朗读',
    alike: 'mute',
  },
  mute: {
    words: 'mute; unmute; sound; volume; speaker; audio; silence; stumm*; ton; lautstarke*; lautsprecher; 静音; 声音; 音量; 喇叭',
    alike: 'volume notifications-off microphone-off',
  },
  key: {
    words: 'key; keys; password; credential; api; token; access; schlussel*; passwort*; zugang*; zugriff*; 钥匙; 密钥; 密码; 令牌; 访问',
    alike: 'lock',
    class: 'permission',
  },
  shield: {
    words:
      'shield; security; protection; privacy; safe; secure; verified; schild*; sicherheit*; schutz*; datenschutz; 盾; 盾牌; 安全; 保护; 隐私; 防护',
    alike: 'lock check',
  },
  extension: {
    words:
      'extension; extensions; plugin; plug in; plugins; puzzle; puzzle piece; addon; add on; erweiterung*; zusatz*; puzzle*; 扩展; 插件; 拼图',
    class: 'install',
  },
  archive: { words: 'archive; box; store; archiv*; kiste; kasten; ablegen; 归档; 存档; 档案; 箱', alike: 'inbox folder delete' },
  inbox: {
    words: 'inbox; tray; mail; messages; received; posteingang; eingang; ablage; postfach; 收件箱; 收信; 托盘',
    alike: 'archive mail download',
  },
  reply: {
    words: 'reply; respond; answer; back; return; undo; antwort*; zuruck; 回复; 答复; 返回',
    alike: 'reply-all undo back chat forward-mail',
  },
  'reply-all': { words: 'reply; reply all; respond; answer; antwort*; 回复; 全部回复; 答复', alike: 'reply undo back' },
  'forward-mail': { words: 'forward; share; redo; pass on; weiterleit*; teilen; 转发; 分享', alike: 'redo share forward reply send' },
  drag: {
    words: 'drag; handle; grip; move; reorder; dots; zieh*; griff; verschieb*; punkte; anordn*; 拖动; 拖拽; 手柄; 移动',
    alike: 'more menu apps move list',
  },
  move: { words: 'move; drag; pan; cross arrows; verschieb*; beweg*; 移动; 拖动', alike: 'full-screen exit-full-screen drag add' },
  'checkbox-on': {
    words:
      'checkbox; check box; check; checked; tick; select; selected; uncheck; done; task; toggle; kastchen; auswahl*; auswahlen; haken; hakchen; erledigt; 复选框; 勾选; 选中; 勾; 选择; 完成',
    alike: 'check checkbox-off edit stop',
  },
  'checkbox-off': {
    words:
      'checkbox; check box; check; tick; select; unchecked; square; stop; maximi*; task; kastchen; auswahl*; auswahlen; quadrat; maximier*; 复选框; 勾选; 选择; 方框; 最大化',
    alike: 'checkbox-on stop full-screen',
  },
  'radio-on': {
    words:
      'radio; radio button; selected; option; select; record; choose; optionsfeld; auswahl*; auswahlen; aufnehm*; 单选; 选中; 选择; 录制',
    alike: 'radio-off',
  },
  'radio-off': {
    words: 'radio; radio button; option; circle; select; choose; record; optionsfeld; kreis; auswahl*; auswahlen; 单选; 圆; 选择',
    alike: 'radio-on',
  },
  'toggle-on': {
    words:
      'toggle; switch; on; off; enable; disable; turn; schalter; umschalt*; aktivier*; einschalt*; ausschalt*; 开关; 切换; 启用; 开启; 关闭',
    alike: 'toggle-off',
  },
  'toggle-off': {
    words:
      'toggle; switch; on; off; enable; disable; turn; schalter; umschalt*; aktivier*; einschalt*; ausschalt*; 开关; 切换; 启用; 开启; 关闭',
    alike: 'toggle-on',
  },
  image: {
    words: 'image; images; picture; pictures; photo; photos; gallery; media; bild*; foto*; galerie; medien; 图片; 图像; 照片; 相册; 图库',
    alike: 'camera file',
  },
  gift: { words: 'gift; present; reward; voucher; offer; geschenk*; gutschein*; pramie*; 礼物; 礼品; 奖励; 礼盒', alike: 'cart archive' },
  tag: {
    words: 'tag; tags; label; labels; price; category; offer; etikett*; schlagwort*; preis*; kategorie; markier*; 标签; 价格; 类别; 分类',
    alike: 'bookmark flag',
  },
  block: {
    words:
      'block; ban; prohibit; forbidden; cancel; spam; deny; sperr*; blockier*; verbot*; verbiet*; abbrech*; 屏蔽; 禁止; 拉黑; 阻止; 取消',
    alike: 'close minus warning',
  },
  pin: {
    words:
      'pin; pinned; unpin; push pin; pushpin; thumbtack; location; anheft*; anpinn*; pinnen; stecknadel; reisszwecke; 图钉; 固定; 置顶; 钉',
    alike: 'location',
  },
  sparkles: {
    words:
      'sparkle; sparkles; ai; magic; assistant; generate; new; star; funkeln; ki; magie; assistent; zauber*; generier*; 闪光; 智能; 人工智能; 魔法; 助手; 生成; 星',
    alike: 'move star',
  },
  robot: { words: 'robot; bot; assistant; ai; agent; chatbot; roboter; assistent; ki; 机器人; 助手; 智能' },
  sun: {
    words:
      'sun; light; light mode; brightness; theme; day; weather; sonne*; hell*; helligkeit; thema; tag; wetter; 太阳; 亮度; 浅色; 主题; 天气; 白天',
    alike: 'settings moon',
  },
  moon: {
    words:
      'moon; dark; dark mode; night; theme; do not disturb; sleep; mond*; dunkel*; nacht*; thema; schlaf*; 月亮; 深色; 夜间; 主题; 睡眠; 暗',
    alike: 'sun',
  },
  keyboard: { words: 'keyboard; shortcut; shortcuts; type; tastatur*; tastenkurzel; tippen; 键盘; 快捷键; 输入', alike: 'pay' },
  chart: {
    words:
      'chart; graph; statistics; stats; analytics; report; reports; bars; signal; diagramm*; statistik*; bericht*; balken; auswert*; 图表; 统计; 分析; 报告; 柱状图; 数据',
    alike: 'sort',
  },
  terminal: {
    words: 'terminal; console; command; command line; shell; prompt; konsole; befehl*; eingabe*; 终端; 控制台; 命令; 命令行',
    alike: 'code',
  },
  code: { words: 'code; source; embed; html; tags; brackets; quelltext; einbetten; klammern; 代码; 源码; 嵌入', alike: 'terminal' },
  database: { words: 'database; data; storage; databases; datenbank*; daten; speicher; 数据库; 数据; 存储' },
  cloud: { words: 'cloud; sync; backup; weather; wolke*; sicherung; wetter; 云; 云端; 同步; 天气' },
  gauge: {
    words: 'gauge; speed; dashboard; performance; meter; speedometer; tempo*; tacho*; leistung*; anzeige; 速度; 仪表; 仪表盘; 性能',
    alike: 'clock',
  },
  headset: {
    words:
      'headset; headphones; support; listen; audio; music; contact; help; kopfhorer; horer; kundendienst; hilfe; musik; 耳机; 客服; 支持; 音乐',
    alike: 'microphone',
  },
}

const named = Object.entries(meanings).map(([meaning, { words, alike = '', ...facts }]) => ({
  meaning,
  phrases: compilePhrases(words),
  alike: new Set(alike.split(' ').filter((one) => one !== '')),
  ...facts,
}))

/** The signs that a claim may mean, by its words. */
export function signsOfClaim(claim: string): ReadonlySet<string> {
  const text = readText(foldText(claim))
  return new Set(named.flatMap(({ meaning, phrases }) => (phrases.matches(text)[Symbol.iterator]().next().done === true ? [] : [meaning])))
}

/** Whether one sign may be meant where another is named: it is the same, or drawn like it. */
export function mayStandFor(sign: string, claimed: string): boolean {
  const alike = (one: string, other: string) => named.find(({ meaning }) => meaning === one)?.alike.has(other) === true
  return sign === claimed || alike(sign, claimed) || alike(claimed, sign)
}

/** What a sign does where no words say otherwise. */
export function classOfSign(sign: string): ConsentClass | undefined {
  return named.find(({ meaning }) => meaning === sign)?.class
}

/** Words by which people name a sign, whole ones alone. */
export function claimWords(sign: string): string[] {
  return (meanings[sign]?.words ?? '')
    .split(';')
    .map((word) => word.trim())
    .filter((word) => !/[*[\]?]/.test(word))
}

/** All signs that are spoken of here, for what must be as it is in the network. */
export const signMeanings: readonly string[] = named.map(({ meaning }) => meaning)
