import type { ConsentInput } from '../../../../tools/computer/guard/consent.ts'
import type { ConsentClass } from '../../../../tools/computer/guard/consent-classes.ts'

/** An action as somebody who has not seen the lexicon might describe it, and what it is. */
export interface ConsentCase {
  readonly expected: ConsentClass | 'none'
  readonly input: ConsentInput
}

const click = { type: 'click', button: 'left', count: 1, modifiers: [] } as const

/** `label; role; url; claim; nearby`, all but the first may be missing; one line a case. */
const clicks: Readonly<Record<ConsentClass | 'none', string>> = {
  purchase: `
Submit order; button; https://shop.test/checkout
Buy with 1-Click; button
Complete your purchase; button
Pay €24.90 now; button
Continue to PayPal; button; https://shop.test/checkout/payment; Pay the order through PayPal
Place bid of $120; button
Confirm and pay; button
Send $200 to Maria; button; https://bank.test/transfer
Transfer now; button; https://bank.test/transfer
Book this room; button
Reserve table; button
Donate 10 €; button
Top up balance; button
Buy 5 shares; button
Sell all; button; https://broker.test/positions
Renew and pay; button
Confirm; button; https://shop.test/checkout/review; Confirm the order
; button; https://shop.test/cart; Click the credit card icon to pay for the items
Zahlungspflichtig bestellen; button
Überweisung ausführen; button; https://bank.test/ueberweisung
Jetzt 49,99 € bezahlen; button
Ticket kaufen; button
Termingeld anlegen und Geld überweisen; button
Realizar pago; button
Confirmar compra; button
Reservar y pagar; button
Hacer transferencia; button
立即支付; button
确认付款; button
提交订单; button
充值 100 元; button
Valider la commande; button
Payer maintenant; button
注文を確定する; button
Finish checkout; button
Yes, charge my card; button
Approve payment of $1,200; button
Send payment; button
Get tickets; button
Rent for $3.99; button
Cash out winnings; button
Authorize refund; button
Withdraw to bank; button
Checkout; button; https://shop.test/checkout/confirm
Complete booking; button`,
  send: `
Send; button; https://mail.test/compose
Post comment; button
Tweet; button
Publish article; button
Submit application; button
Reply all; button
Send invitation; button
Share publicly; button
Submit; button; https://forms.test/survey
Send now; button
Submit review; button
Turn in; button; https://class.test/assignment/4
Go live; button
Post; button
Forward message; button
RSVP yes; button
Cast my vote; button
Invite teammates; button
; button; https://chat.test/room; Click the paper plane to send the message
➤; button; https://chat.test/
Nachricht senden; button
Beitrag veröffentlichen; button
Bewerbung abschicken; button
Antwort posten; button
Formular einreichen; button
Absenden; button
Enviar mensaje; button
Publicar; button
Enviar solicitud; button
Responder a todos; button
Compartir con todos; button
发送; button
发布动态; button
提交申请; button
回复; button
Envoyer le message; button
Publier; button
送信する; button
投稿; button
File complaint; button
Send to all subscribers; button
Merge pull request; button
Create issue; button
Submit timesheet; button
Notify everyone; button`,
  delete: `
Delete account; button
Remove permanently; button
Empty trash; button
Erase all content; button
Delete 14 messages; button
Discard draft; button
Clear browsing data; button
Drop table; button
Yes, delete it; button
Delete repository; button
Delete for everyone; button
OK; button; https://drive.test/; ; Delete 3 files? This cannot be undone.
; button; https://mail.test/inbox; Click the trash can icon to delete the email
🗑️; button; https://files.test/
Terminate instance; button
Wipe device data; button
Purge queue; button
Remove member data; button
Konto endgültig löschen; button
Papierkorb leeren; button
Nachricht löschen; button
Alle Daten entfernen; button
Löschen; menuitem
Eliminar cuenta; button
Borrar todo; button
Vaciar papelera; button
Suprimir conversación; button
删除; button
永久删除; button
清空回收站; button
注销账户; button
Supprimer le compte; button
Vider la corbeille; button
削除する; button
ゴミ箱を空にする; button
Move to trash; menuitem
Delete forever; button
Remove photo; button
Close account; button
Discard changes; button
Clear all history; button
Delete branch; button
Destroy database; button
Unpublish and delete page; button`,
  permission: `
Grant access; button
Authorize app; button; https://id.test/oauth/authorize
Allow; button; https://id.test/oauth/consent
Make admin; menuitem
Share with anyone; button
Generate new API key; button
Create personal access token; button
Revoke token; button
Add collaborator; button
Change role to Owner; button
Anyone with the link; radio
Approve access request; button
Make repository public; button
Transfer ownership; button
Reveal secret key; button
Add SSH key; button
Invite member as admin; button
Public; switch
Continue; button; https://accounts.test/oauth2/consent; Continue to let the app read the calendar
Connect Google account; button
Zugriff erlauben; button
Berechtigung erteilen; button
API-Schlüssel erstellen; button
Als Administrator hinzufügen; button
App autorisieren; button
Freigeben; button; https://drive.test/share
Conceder acceso; button
Generar clave API; button
Hacer administrador; button
Autorizar aplicación; button
授权并继续; button
允许访问; button
创建 API 密钥; button
设为管理员; button
Autoriser l'application; button
Générer une clé API; button
アクセスを許可; button
Allow full access; button
Enable link sharing; button
Trust this device; button
Remove user from team; button
Delegate mailbox access; button`,
  credential: `
Change password; button
Save new password; button
Update password; button
Reset my password; button
Set PIN; button
Confirm new passphrase; button
Change recovery email; button
Add passkey; button
Save; button; https://id.test/account/password
Submit; button; https://id.test/reset-password?token=1
Passwort ändern; button
Neues Kennwort speichern; button
PIN festlegen; button
Cambiar contraseña; button
Restablecer contraseña; button
Guardar nueva contraseña; button
修改密码; button
重置密码; button
设置支付密码; button
Modifier le mot de passe; button
Réinitialiser le mot de passe; button
パスワードを変更; button
Update security question; button
Export passwords; button
Save password; button
Create master password; button`,
  install: `
Install; button
Install update now; button
Run anyway; button
Add to Chrome; button
Enable macros; button
Uninstall app; button
Open anyway; button; ; ; macOS cannot verify the developer of this app
setup.exe; link
Download and install; button
Restart and update; button
Run script; button
Add extension; button
Enable content; button
Keep anyway; button; ; ; This file may harm your computer
Deploy to production; button
Get the app; button
Jetzt installieren; button
Trotzdem ausführen; button
Erweiterung hinzufügen; button
Makros aktivieren; button
Instalar ahora; button
Ejecutar de todos modos; button
Habilitar macros; button
安装; button
立即更新; button
启用宏; button
Installer maintenant; button
Exécuter quand même; button
インストール; button
Flash firmware; button
Install plugin; button
Execute; button; https://ci.test/jobs/9`,
  subscribe: `
Subscribe; button
Start free trial; button
Upgrade to Pro; button
Go Premium; button
Cancel subscription; button
Renew membership; button
Sign up for our newsletter; button
Join mailing list; button
Choose annual plan; button
Try Premium for 30 days; button
Become a member; button
Yes, keep me updated; checkbox
Unsubscribe; button
Auto-renew; switch
Abonnieren; button
Kostenlos testen; button
Newsletter bestellen; button
Abo kündigen; button
Mitglied werden; button
Suscribirse; button
Prueba gratis de 7 días; button
Cancelar suscripción; button
Hazte Premium; button
订阅; button
开通会员; button
免费试用; button
S'abonner; button
Essai gratuit; button
購読する; button
Activate plan; button
Start membership; button
Resume subscription; button`,
  account: `
Create account; button
Sign up; button
Register now; button
Join now; button
Open an account; button
Create your free account; button
Sign up with Google; button
Create profile; button
Submit; button; https://site.test/register
Konto erstellen; button
Jetzt registrieren; button
Kundenkonto anlegen; button
Registrieren; button
Crear cuenta; button
Registrarse; button
Regístrate gratis; button
注册; button
创建账号; button
立即注册; button
Créer un compte; button
S'inscrire; button
新規登録; button
Finish sign-up; button
Complete registration; button
Enroll; button`,
  terms: `
I agree; button
Accept all cookies; button
Accept terms and conditions; checkbox
I have read and accept the privacy policy; checkbox
Agree and continue; button
Sign document; button
Accept license agreement; button
Adopt and sign; button
Consent; button
Allow all cookies; button
Alle akzeptieren; button
Ich stimme den AGB zu; checkbox
Vertrag unterschreiben; button
Zustimmen und weiter; button
Aceptar todo; button
Acepto los términos; checkbox
Firmar contrato; button
同意并继续; button
我已阅读并同意; checkbox
签署合同; button
Tout accepter; button
J'accepte les conditions; checkbox
同意する; button
I acknowledge the risks; checkbox
Accept; button; https://site.test/terms
E-sign now; button`,
  system: `
Turn off firewall; button
Disable antivirus; button
Connect VPN; button
Factory reset; button
Restart now; button
Shut down; button
Format drive; button
Firewall; switch
Turn on remote desktop; button
Change DNS server; button
Disable two-factor authentication; button
Turn off real-time protection; button
Allow apps from unknown sources; switch
Reset network settings; button
Save proxy settings; button
Enable developer mode; button
Install root certificate; button
Reboot router; button
Open port 22; button
Firewall deaktivieren; button
Auf Werkseinstellungen zurücksetzen; button
VPN verbinden; button
Virenschutz ausschalten; button
Neu starten; button
Desactivar antivirus; button
Restablecer valores de fábrica; button
Apagar equipo; button
Conectar VPN; button
关闭防火墙; button
恢复出厂设置; button
重启; button
连接 VPN; button
Désactiver le pare-feu; button
Redémarrer; button
再起動; button
Disable Windows Defender; button
Erase disk; button
Turn off screen lock; button`,
  medical: `
Book appointment with Dr. Lee; button
Request prescription refill; button
Cancel appointment; button; https://clinic.test/appointments/3
Confirm dosage; button
Order lab test; button
Share medical records; button
Refill; button; https://pharmacy.test/rx/12
Change medication dose; button
Sign consent for surgery; button
Schedule vaccination; button
Arzttermin buchen; button
Rezept anfordern; button
Dosis ändern; button
Befund freigeben; button
Pedir cita con el médico; button
Renovar receta; button
Cambiar dosis; button
预约挂号; button
续开处方; button
Prendre rendez-vous; button
Renouveler l'ordonnance; button
診察を予約する; button
Submit symptoms; button
Confirm; button; https://clinic.test/appointments/new; Confirm the doctor's appointment
Administer insulin bolus; button
Discharge patient; button`,
  captcha: `
I'm not a robot; checkbox
Verify you are human; checkbox
reCAPTCHA; checkbox
Verify; button; https://site.test/captcha
Ich bin kein Roboter; checkbox
No soy un robot; checkbox
我不是机器人; checkbox
Je ne suis pas un robot; checkbox
私はロボットではありません; checkbox
Select all images with buses; image
Slide to verify; button
I am human; checkbox
Press and hold; button
Verify; button; ; Solve the CAPTCHA`,
  sensitive: ``,
  bypass: `
Proceed to site (unsafe); link
Accept the risk and continue; button
Continue anyway; button; ; ; Your connection is not private
Visit this unsafe site; link
Ignore certificate warning; button
Bypass paywall; button
Weiter zu example.org (unsicher); link
Risiko akzeptieren und fortfahren; button
Aceptar el riesgo y continuar; button
Continuar de todos modos; button; ; ; La conexión no es privada
继续前往（不安全）; link
忽略证书警告; button
Accepter le risque et poursuivre; button
Add security exception; button
Advanced: proceed anyway; button; ; ; certificate is not trusted`,
  upload: `
Upload file; button
Attach; button
Choose file; button
Add photo; button
Import contacts; button
Upload resume; button
📎; button
; button; https://mail.test; Click the paperclip icon to attach the report
Datei hochladen; button
Datei anhängen; button
Lebenslauf hochladen; button
Subir archivo; button
Adjuntar documento; button
上传文件; button
添加附件; button
Téléverser un fichier; button
アップロード; button
Change profile picture; button
Browse files; button`,
  login: `
Log in; button
Sign in with Google; button
Continue with Apple; button
Sign in; button
Anmelden; button
Einloggen; button
Mit Google anmelden; button
Iniciar sesión; button
Acceder; button
登录; button
使用微信登录; button
Se connecter; button
ログイン; button
Use passkey; button
Continue; button; https://id.test/login
Log on; button`,
  rename: `
Rename; menuitem
Move to folder; menuitem
Move; button
Rename file; button
Archive; button
Umbenennen; menuitem
In Ordner verschieben; menuitem
Archivieren; button
Renombrar; menuitem
Mover a carpeta; menuitem
重命名; menuitem
移动到; menuitem
Renommer; menuitem
Déplacer vers; menuitem
名前を変更; menuitem
Move 3 items here; button`,
  'browser-permission': `
Allow notifications; button
Share location; button
Allow camera; button
Allow while visiting the site; button
Allow; button; ; ; maps.test wants to know your location
Benachrichtigungen erlauben; button
Standort freigeben; button
Permitir notificaciones; button
Compartir ubicación; button
允许通知; button
允许使用摄像头; button
Autoriser la caméra; button
通知を許可; button
Share screen; button
Use my current location; button
Enable microphone; button`,
  age: `
I am over 18; button
Yes, I am 21 or older; button
Verify age; button
Enter; button; https://wine.test/age-gate
Ich bin über 18; button
Soy mayor de edad; button
我已年满18岁; button
J'ai plus de 18 ans; button
18歳以上です; button
Confirm my age; button
I am of legal drinking age; button`,
  prompt: `
Yes; button; ; ; Are you sure you want to leave?
Leave page; button
Yes, continue; button
Confirm; button; ; ; Do you really want to proceed?
Ja; button; ; ; Sind Sie sicher?
Sí; button; ; ; ¿Está seguro?
确定; button; ; ; 确定要离开吗？
Yes, I'm sure; button`,
  none: `
Send feedback filter; button
Clear search; button
Buying guide; link
Order history; link
Sort by price; button
Order by date; button
Delete filter; button
Sent; link
Deleted items; treeitem
Delete; tab
Send; heading
Payments; tab
Payment methods; link
How to delete your account; link
Learn more about subscriptions; link
Password requirements; link
Subscription FAQ; link
Share price; columnheader
Post code; textbox
Send to; textbox
Delete reason; textbox
Search messages; searchbox
Next; button; https://shop.test/products?page=2
Next; button; https://shop.test/checkout
Back; button
Cancel; button; ; ; Delete this file?
No, keep it; button; ; ; Delete account?
Don't delete; button
Undo delete; button
Close; button
×; button; ; Close the dialog
Add to cart; button
Remove from cart; button
View order; link
Track order; link
Track package; link
Show password; button
Forgot password?; link
Install guide; link
Run history; link
Download history; link
Purchase history; link
Transfer history; tab
Compose; button
New message; button
Drafts; link
Reject all; button
Only necessary cookies; button
Manage cookies; button
Block; button; ; ; site wants to show notifications
Not now; button
Maybe later; button
Preview; button
Print; button
Zoom in; button
Play; button
Expand; button
Menu; button
Home; link
Products; link
About us; link
Contact; link
Help; link
Terms of service; link
Privacy policy; link
Settings; link
Profile; link
Notifications; link
Filter by sent; button
Remove filter; button
Clear filters; button
Reset zoom; button
Reset filters; button
Delete search text; button
Clear; button; ; Clear the search box
Buy list tab; tab
Shopping list; link
Wishlist; button
Add to wishlist; button
Compare; button
Reviews; tab
Read reviews; link
Shipping information; link
Return policy; link
Size guide; link
Calendar; link
Today; button
Week; button
Refresh; button
Show more; button
Load more; button
See all; link
Details; link
Edit; button
Copy link; button
Export format; combobox
Language; combobox
Dark mode; switch
Mute; button
Full screen; button
Registered users; link
Login history; link
Security tips; link
Medical news; link
Upload history; link
Move cursor right; button
Archive of posts; link
Recently deleted; link
Permissions overview; link
Subscribers; tab
Trial balance; link
Bestellverlauf; link
Kaufberatung; link
Suche löschen; button
Filter zurücksetzen; button
Abbrechen; button; ; ; Konto wirklich löschen?
Zurück; button
Weiter; button; https://shop.test/produkte?seite=2
In den Warenkorb; button
Gesendet; link
Bestellungen anzeigen; link
Meine Bestellungen; link
Wie kündige ich mein Abo?; link
Passwort vergessen?; link
Suchen; button
Mehr anzeigen; button
Nachrichten; tab
Hilfe zum Löschen; link
Historial de compras; link
Guía de compra; link
Borrar búsqueda; button
Filtros; button
Cancelar; button; ; ; ¿Eliminar archivo?
Siguiente; button; https://tienda.test/productos?p=3
Añadir al carrito; button
Ver pedido; link
Enviados; link
Mis pedidos; link
Cómo cancelar la suscripción; link
Buscar; button
购买指南; link
订单历史; link
清除搜索; button
查看订单; link
取消; button; ; ; 确定删除吗？
下一页; button
加入购物车; button
已发送; link
我的订单; link
如何注销账户; link
搜索; button
帮助中心; link
Historique des commandes; link
Guide d'achat; link
Annuler; button; ; ; Supprimer le fichier ?
Ajouter au panier; button
Effacer la recherche; button
購入履歴; link
検索; button
キャンセル; button; ; ; 削除しますか？
カートに入れる; button
Tickets; link
Bookmarks; link
Books; link
Running shoes; link
Post; columnheader
Order; columnheader
Get directions; button
Star; button
Mark as read; button
Inbox; link
Photos; link
Documents; link
Dashboard; link
Report builder; link
Payroll calendar; link`,
}

function parsed(expected: ConsentClass | 'none', lines: string): ConsentCase[] {
  return lines
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [label = '', role, url, claim, nearby] = line.split(';').map((part) => part.trim())
      const given = { label, role, url, claim, nearby }
      const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== ''))
      return { expected, input: { action: click, ...present } }
    })
}

const key = (...keys: string[]) => ({ type: 'key', keys }) as const
const type = (text: string, submit?: boolean) => ({ type: 'type', text, ...(submit !== undefined && { submit }) }) as const
const go = (url: string) => ({ type: 'navigate', url }) as const

const others: readonly ConsentCase[] = [
  { expected: 'send', input: { action: key('Control', 'Enter'), url: 'https://mail.test/compose' } },
  { expected: 'send', input: { action: key('Meta', 'Enter'), label: 'Message body', role: 'textbox' } },
  { expected: 'send', input: { action: key('Enter'), label: 'Write a message', role: 'textbox' } },
  { expected: 'send', input: { action: type('See you at five', true), label: 'Message #general', role: 'textbox' } },
  { expected: 'send', input: { action: type('Great product!\n'), label: 'Add a comment', role: 'textbox' } },
  { expected: 'send', input: { action: key('Enter'), claim: 'Submit the contact form' } },
  { expected: 'delete', input: { action: key('Shift', 'Delete') } },
  { expected: 'delete', input: { action: key('Delete'), role: 'row', label: 'report.pdf' } },
  { expected: 'delete', input: { action: key('Control', 'Shift', 'Delete') } },
  { expected: 'delete', input: { action: type('rm -rf ~/work', true), label: 'Terminal', role: 'textbox' } },
  { expected: 'delete', input: { action: type('DELETE'), label: 'Type DELETE to confirm', role: 'textbox' } },
  { expected: 'delete', input: { action: go('https://app.test/projects/14/delete?confirm=1') } },
  {
    expected: 'delete',
    input: {
      action: {
        type: 'drag',
        path: [
          { x: 1, y: 1 },
          { x: 9, y: 9 },
        ],
        modifiers: [],
      },
      claim: 'Drag the folder to the trash',
    },
  },
  {
    expected: 'rename',
    input: {
      action: {
        type: 'drag',
        path: [
          { x: 1, y: 1 },
          { x: 9, y: 9 },
        ],
        modifiers: [],
      },
      claim: 'Move the file into the Archive folder',
    },
  },
  {
    expected: 'captcha',
    input: {
      action: {
        type: 'drag',
        path: [
          { x: 1, y: 1 },
          { x: 9, y: 9 },
        ],
        modifiers: [],
      },
      claim: 'Drag the slider to complete the puzzle',
    },
  },
  { expected: 'install', input: { action: type('sudo apt install nmap', true), label: 'Terminal' } },
  { expected: 'install', input: { action: { ...click, count: 2 }, label: 'update.msi', role: 'listitem' } },
  { expected: 'system', input: { action: type('sudo ufw disable\n'), role: 'terminal' } },
  { expected: 'subscribe', input: { action: go('https://news.test/unsubscribe?u=83') } },
  { expected: 'sensitive', input: { action: type('4111 1111 1111 1111'), label: 'Card number', role: 'textbox' } },
  { expected: 'sensitive', input: { action: type('123'), label: 'CVV', role: 'textbox' } },
  { expected: 'sensitive', input: { action: type('DE89 3704 0044 0532 0130 00'), label: 'IBAN', role: 'textbox' } },
  { expected: 'sensitive', input: { action: type('078-05-1120'), label: 'Social Security Number', role: 'textbox' } },
  { expected: 'sensitive', input: { action: type('my password is tulip-7'), label: 'Message', role: 'textbox' } },
  { expected: 'sensitive', input: { action: type('L01X00T47'), label: 'Ausweisnummer', role: 'textbox' } },
  { expected: 'sensitive', input: { action: type('12/04/1984'), label: 'Fecha de nacimiento', role: 'textbox' } },
  { expected: 'sensitive', input: { action: type('11010119900307'), label: '身份证号', role: 'textbox' } },
  { expected: 'sensitive', input: { action: type('penicillin'), label: 'Allergies', role: 'textbox' } },
  { expected: 'sensitive', input: { action: go('https://x.test/log?password=hunter2') } },
  { expected: 'credential', input: { action: type('n3w-secret'), label: 'New password', fieldType: 'password' } },
  { expected: 'login', input: { action: type('hunter2'), label: 'Password', fieldType: 'password' } },
  { expected: 'login', input: { action: key('Enter'), label: 'Passwort', fieldType: 'password' } },
  { expected: 'bypass', input: { action: type('thisisunsafe') } },
  { expected: 'upload', input: { action: click, label: 'Resume', fieldType: 'file' } },
  { expected: 'none', input: { action: key('Enter'), label: 'Search', role: 'searchbox' } },
  { expected: 'none', input: { action: type('delete my account', true), label: 'Search help', role: 'searchbox' } },
  { expected: 'none', input: { action: type('red shoes', true), label: 'Search products', role: 'textbox' } },
  { expected: 'none', input: { action: type('Anna'), label: 'First name', role: 'textbox' } },
  { expected: 'none', input: { action: type('I want to send the report and delete the old one'), label: 'Notes', role: 'textbox' } },
  { expected: 'none', input: { action: key('Control', 'c') } },
  { expected: 'none', input: { action: key('Tab') } },
  { expected: 'none', input: { action: key('Backspace'), label: 'Name', role: 'textbox' } },
  { expected: 'none', input: { action: key('Delete'), label: 'Name', role: 'textbox' } },
  { expected: 'none', input: { action: key('PageDown') } },
  { expected: 'none', input: { action: { type: 'scroll', dx: 0, dy: 400, unit: 'pixel', modifiers: [] }, label: 'Delete account' } },
  { expected: 'none', input: { action: { ...click, button: 'right' }, label: 'Delete' } },
  { expected: 'none', input: { action: { type: 'move', at: { x: 3, y: 4 } }, label: 'Buy now' } },
  { expected: 'none', input: { action: go('https://shop.test/checkout') } },
  { expected: 'none', input: { action: go('https://docs.test/help/delete-account?lang=en') } },
  { expected: 'none', input: { action: go('https://shop.test/products?sort=price') } },
  { expected: 'none', input: { action: { type: 'wait', ms: 500 } } },
]

export const consentCases: readonly ConsentCase[] = [
  ...Object.entries(clicks).flatMap(([expected, lines]) => parsed(expected as ConsentClass | 'none', lines)),
  ...others,
]
